package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.guard.judge.RuleCase.dump;
import static labeler.guard.judge.RuleCase.file;
import static labeler.guard.judge.RuleCase.socket;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.config.GuardConfig;
import labeler.guard.sense.Rule;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Each rule refuses what breaks it, and nothing has changed then; the nearest sensible command is allowed. */
class RulesTest {
    @TempDir
    Path root;

    /** A rule without a case does not compile. */
    static RuleCase of(Rule rule) {
        return switch (rule) {
            case N1, N2, N3, N4, N5 -> name(rule);
            case S1, S2, S3, S4, S5, S6, S7 -> image(rule);
            case S8, S9, S10, S11, S12, S13, S14, S15 -> state(rule);
            case C1, C2, C3, C4, C5, C6, C7 -> alone(rule);
        };
    }

    private static RuleCase name(Rule rule) {
        return switch (rule) {
            case N1 ->
                new RuleCase(
                        bed -> {
                            Path open = Files.createDirectory(bed.path("open"));
                            Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rwxrwxrwx"));
                            bed.image("other", "");
                            Path link = Files.createSymbolicLink(open.resolve("link"), bed.path("other"));
                            Files.setAttribute(link, "unix:uid", 1234, LinkOption.NOFOLLOW_LINKS);
                        },
                        List.of(
                                file("x", "images/base"),
                                file("x", "@/../images/other"),
                                file("x", "@/nothing"),
                                command("screendump", "'filename':'/" + "./".repeat(100_000) + "'"),
                                file("x", "@/open"),
                                file("x", "@/open/link")),
                        List.of(file("x", "@/other")));
            case N2 ->
                new RuleCase(
                        bed -> bed.image("other", ""),
                        List.of(
                                file("x", "/proc/self/fd/3"),
                                file("x", "/dev/fdset/7"),
                                file("x", "/dev//fd/3"),
                                command("object-add", "'qom-type':'input-linux','id':'x','evdev':'/dev/input/event0'")),
                        List.of(
                                file("x", "@/other"),
                                command(
                                        "object-add",
                                        "'qom-type':'rng-random','id':'r'," + "'filename':'/dev/urandom'")));
            case N3 ->
                RuleCase.of(
                        List.of(
                                snapshot("json:{\\\"driver\\\":\\\"qcow2\\\"}"),
                                snapshot("nbd:localhost:1"),
                                command(
                                        "drive-mirror",
                                        "'device':'top','sync':'full','format':'qcow2','target':"
                                                + "'blkdebug::@/copy'"),
                                command("migrate-incoming", "'uri':'strange:x'")),
                        snapshot("@/overlay"));
            case N4 ->
                new RuleCase(
                        bed -> bed.image("other", ""),
                        List.of(
                                // A long name takes no thread's stack.
                                command("screendump", "'filename':'/" + "./".repeat(2_000) + "'"),
                                file("x", "/etc/hostname"),
                                snapshot("/etc/overlay"),
                                command("object-add", "'qom-type':'secret','id':'s','file':'/etc/shadow'")),
                        List.of(file("x", "@/other")));
            default ->
                new RuleCase(
                        bed -> Files.createDirectories(Path.of(bed.text("%run%/one"))),
                        List.of(socket("@/socket"), socket("%run%/two/socket")),
                        List.of(socket("%run%/one/socket")));
        };
    }

    private static RuleCase image(Rule rule) {
        return switch (rule) {
            case S1 ->
                new RuleCase(
                        bed -> {
                            bed.image("other", "");
                            bed.image("free", "");
                            bed.host().start("two", bed.host().image("other", ImageFormat.QCOW2, Access.READ_WRITE));
                        },
                        List.of(file("x", "@/other"), qcow2("x", "@/other")),
                        List.of(qcow2("x", "@/free")));
            case S2 ->
                new RuleCase(
                        bed -> bed.host().start("two", bed.host().image("base", ImageFormat.QCOW2, Access.READ_ONLY)),
                        List.of(commit("'top-node':'middle','base-node':'base'")),
                        List.of(commit("'top-node':'upper','base-node':'middle'")));
            case S3 ->
                RuleCase.of(
                        List.of(command("blockdev-add", "'driver':'file','node-name':'x','filename':'@/base'")),
                        commit("'top-node':'middle','base-node':'base'"));
            case S4 ->
                RuleCase.of(
                        List.of(
                                command("blockdev-snapshot-sync", "'node-name':'top','snapshot-file':'@/o'"),
                                command("drive-backup", "'device':'top','sync':'full','target':'@/o'")),
                        snapshot("@/o"));
            case S5 ->
                RuleCase.of(
                        List.of(
                                command("blockdev-add", "'driver':'raw','node-name':'x','file':'top-file'"),
                                command(
                                        "blockdev-add",
                                        "'driver':'raw','node-name':'x','read-only':true,'file':"
                                                + "{'driver':'file','filename':'@/base','read-only':true}")),
                        file("x", "@/base"),
                        command("blockdev-add", "'driver':'qcow2','node-name':'y','file':'x','read-only':true"));
            case S6 ->
                new RuleCase(
                        bed -> {
                            bed.image("other", "base");
                            bed.image("guessed", "");
                            bed.image("strange", "");
                            Files.write(
                                    bed.path("guessed"),
                                    Qcow2Builder.v3().backing("/etc/hostname").build());
                            RuleBed.qemuImg(
                                    "rebase",
                                    "-u",
                                    "-f",
                                    "qcow2",
                                    "-b",
                                    "/etc/hostname",
                                    "-F",
                                    "raw",
                                    bed.path("strange"));
                        },
                        List.of(qcow2("x", "@/guessed"), qcow2("x", "@/strange")),
                        List.of(qcow2("x", "@/other")));
            default ->
                new RuleCase(
                        bed -> {
                            bed.image("other", "base");
                            RuleBed.qemuImg(
                                    "create",
                                    "-u",
                                    "-q",
                                    "-f",
                                    "qcow2",
                                    "-b",
                                    bed.path("top"),
                                    "-F",
                                    "qcow2",
                                    bed.path("overlay"),
                                    "4M");
                            for (String name : List.of("other", "overlay")) {
                                bed.done(command(
                                        "blockdev-add",
                                        "'driver':'file','node-name':'" + name
                                                + "-file','auto-read-only':true,'filename':'@/" + name + "'"));
                            }
                            bed.done(command(
                                    "blockdev-add",
                                    "'driver':'qcow2','node-name':'wrong','backing':null," + "'file':'other-file'"));
                        },
                        List.of(command("blockdev-snapshot", "'node':'top','overlay':'wrong'")),
                        List.of(
                                command(
                                        "blockdev-add",
                                        "'driver':'qcow2','node-name':'right','backing':null,"
                                                + "'file':'overlay-file'"),
                                command("blockdev-snapshot", "'node':'top','overlay':'right'")));
        };
    }

    private static RuleCase state(Rule rule) {
        return switch (rule) {
            case S8 ->
                RuleCase.of(
                        List.of(
                                commit("'top-node':'middle','base-node':'base','backing-file':'/etc/shadow'"),
                                command(
                                        "block-stream",
                                        "'job-id':'j','device':'top','base-node':'base',"
                                                + "'backing-file':'@/middle'"),
                                command(
                                        "change-backing-file",
                                        "'device':'top','image-node-name':'top'," + "'backing-file':'/etc/shadow'")),
                        command(
                                "change-backing-file",
                                "'device':'top'," + "'image-node-name':'top','backing-file':'@/upper'"),
                        commit("'top-node':'middle','base-node':'base','backing-file':'@/base'"));
            case S9 ->
                new RuleCase(
                        _ -> {},
                        List.of(
                                commit("'top-node':'base','base-node':'middle'"),
                                commit("'top-node':'middle','base-node':'middle'"),
                                command("block-stream", "'device':'middle','base-node':'top'"),
                                command("blockdev-mirror", "'device':'top','target':'base','sync':'full'"),
                                command("blockdev-snapshot", "'node':'top','overlay':'middle'")),
                        List.of(commit("'top-node':'middle','base-node':'base'")));
            case S10 ->
                new RuleCase(
                        RuleBed::withStaticNodes,
                        List.of(commit("'top-node':'middle','base-node':'base'")),
                        List.of(command("query-name", "")));
            case S11 ->
                RuleCase.of(
                        List.of(
                                command("migrate", "'uri':'fd:nothing'"),
                                command("netdev_add", "'type':'tap','id':'n','fd':'nothing'")),
                        command("migrate", "'uri':'file:@/saved'"));
            case S12 ->
                RuleCase.of(
                        List.of(
                                format("'backing-file':'@/nothing','backing-fmt':'qcow2'"),
                                format("'backing-file':'@/top'")),
                        create("@/new"),
                        command("job-dismiss", "'id':'make'"));
            case S13 ->
                new RuleCase(
                        bed -> Files.createLink(bed.path("another"), bed.path("base")),
                        List.of(
                                dump("@/top"),
                                dump("@/another"),
                                create("@/base"),
                                command("chardev-add", "'id':'x','backend':{'type':'file','data':{'out':'@/middle'}}")),
                        List.of(dump("@/dump")));
            case S14 ->
                new RuleCase(
                        bed -> bed.image("other", ""),
                        List.of(
                                file("labeler-x", "@/other"),
                                command("object-add", "'qom-type':'secret','id':'labeler-x','data':'x'"),
                                command("remove-fd", "'fdset-id':1000000"),
                                command("add-fd", "'fdset-id':1000001")),
                        List.of(file("x", "@/other")));
            default ->
                new RuleCase(
                        bed -> {
                            bed.image("stray", "");
                            bed.image("other", "");
                            bed.direct().done(bed.text(file("stray", "@/stray")));
                            bed.done(command("object-add", "'qom-type':'secret','id':'s','data':'x'"));
                        },
                        List.of(file("x", "@/other")),
                        List.of(command("blockdev-del", "'node-name':'stray'"), file("x", "@/other")));
        };
    }

    private static RuleCase alone(Rule rule) {
        return switch (rule) {
            case C1 ->
                RuleCase.of(
                        List.of(
                                command("replay-seek", "'icount':1"),
                                command("blockdev-add", "'driver':'file','node-name':'x','filename':'@/base','new':1"),
                                command("transaction", "'actions':[{'type':'new','data':{}}]")),
                        command("transaction", "'actions':[]"));
            case C2 ->
                RuleCase.of(
                        List.of(
                                command("netdev_add", "'type':'tap','id':'n'"),
                                command("netdev_add", "'type':'tap','id':'n','script':'no'"),
                                command("migrate", "'uri':'exec:cat'"),
                                command(
                                        "block-export-add",
                                        "'type':'fuse','id':'e','node-name':'top','mountpoint':'@'")),
                        command("netdev_add", "'type':'hubport','id':'n','hubid':0"));
            case C3 ->
                RuleCase.of(
                        List.of(
                                line("drive_add 0 file=/etc/shadow,if=none"),
                                line("info status\\nquit"),
                                line("info status ; quit")),
                        line("info status"));
            case C4 ->
                RuleCase.of(
                        List.of(
                                command(
                                        "qom-set",
                                        "'path':'/machine/peripheral/vd0','property':'drive','value':'base'"),
                                command("x-debug-query-block-graph", ""),
                                command("object-add", "'qom-type':'qtest','id':'q','chardev':'c'"),
                                command("object-add", "'qom-type':'x-remote-object','id':'r','devid':'d','fd':'1'"),
                                command("xen-save-devices-state", "'filename':'@/x'")),
                        command(
                                "qom-set",
                                "'path':'/machine/peripheral/balloon',"
                                        + "'property':'guest-stats-polling-interval','value':2"));
            case C5 ->
                RuleCase.of(
                        List.of(
                                command("device_add", "'driver':'usb-mtp','bus':'usb.0','id':'d','rootdir':'/etc'"),
                                command(
                                        "device_add",
                                        "'driver':'virtio-input-host-pci','bus':'gate','id':'d',"
                                                + "'evdev':'/etc/shadow'"),
                                command("device_add", "'driver':'usb-host','id':'d','hostbus':1,'hostaddr':1"),
                                command("device_add", "'driver':'usb-host','id':'d','vendorid':1,'productid':1"),
                                command("device_add", "'driver':'vfio-pci','id':'d','host':'0000:00:1f.0'"),
                                command("device_add", "'driver':'vhost-scsi-pci','id':'d','wwpn':'naa.1'"),
                                command("device_add", "'driver':'u2f-passthru','id':'d'"),
                                command(
                                        "device_add",
                                        "'driver':'virtio-net-pci','bus':'gate','id':'d','new':'/etc/x'")),
                        command("device_add", "'driver':'virtio-rng-pci','bus':'gate','id':'d','romfile':''"));
            case C6 ->
                RuleCase.of(
                        List.of(
                                command("yank", "'instances':[{'type':'chardev','id':'labeler-monitor'}]"),
                                command("yank", "'instances':[{'type':'chardev','id':'compat_monitor0'}]"),
                                command("chardev-remove", "'id':'labeler-monitor'"),
                                command("add_client", "'protocol':'labeler-monitor','fdname':'x'"),
                                command(
                                        "chardev-change",
                                        "'id':'labeler-monitor','backend':{'type':'null','data':{}}")),
                        command("yank", "'instances':[]"));
            default ->
                RuleCase.of(
                        List.of(
                                command(
                                        "transaction",
                                        "'actions':[{'type':'blockdev-snapshot-sync','data':{'node-name':'top','snapshot-node-name':'new',"
                                                + "'snapshot-file':'@/o','format':'qcow2'}},{'type':'drive-backup','data':{"
                                                + "'job-id':'b','device':'top','target':'@/o','format':'qcow2','sync':'full'}}]")),
                        command(
                                "transaction",
                                "'actions':[{'type':'blockdev-snapshot-sync','data':{'node-name':'top','snapshot-node-name':'new',"
                                        + "'snapshot-file':'@/o','format':'qcow2'}},{'type':'drive-backup','data':{"
                                        + "'job-id':'b','device':'top','target':'@/p','format':'qcow2','sync':'full'}}]"));
        };
    }

    private static String snapshot(String name) {
        return command(
                "blockdev-snapshot-sync",
                "'node-name':'top','snapshot-node-name':'new','snapshot-file':\"" + name + "\",'format':'qcow2'");
    }

    private static String commit(String rest) {
        return command("block-commit", "'job-id':'j','device':'top'," + rest);
    }

    private static String qcow2(String name, String path) {
        return command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + name + "','file':{'driver':'file','filename':'" + path + "'}");
    }

    private static String create(String path) {
        return command(
                "blockdev-create", "'job-id':'make','options':{'driver':'file','filename':'" + path + "','size':0}");
    }

    private static String format(String rest) {
        return command(
                "blockdev-create", "'job-id':'f','options':{'driver':'qcow2','file':'x','size':1048576," + rest + "}");
    }

    private static String line(String text) {
        return command("human-monitor-command", "'command-line':'" + text + "'");
    }

    @ParameterizedTest
    @EnumSource(Rule.class)
    void a_command_that_breaks_the_rule_changes_nothing(Rule rule) throws IOException {
        RuleCase rules = of(rule);
        try (RuleBed bed = new RuleBed(root, GuardConfig.DEFAULT)) {
            rules.before().make(bed);
            for (String command : rules.broken()) {
                String before = bed.state();
                assertThat(bed.refused(command)).as(command).startsWith("labeler " + rule + ": ");
                assertThat(RuleBed.changes(before, bed.state())).as(command).isEmpty();
            }
            for (String command : rules.sensible()) {
                bed.done(command);
            }
        }
    }
}
