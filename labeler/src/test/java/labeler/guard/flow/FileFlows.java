package labeler.guard.flow;

import static labeler.guard.flow.Ending.CANCEL;
import static labeler.guard.flow.Ending.FAILURE;
import static labeler.guard.flow.Ending.QEMU_KILLED;
import static labeler.guard.flow.Ending.SUCCESS;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** New images, devices and media, and files that are no images. */
final class FileFlows {
    private static final String CREATE = "create";
    private static final String REOPEN = "reopen";
    private static final String MEDIUM = "medium";
    private static final String PLUG = "hot-plug and unplug";
    private static final String MIGRATE = "migrate to a file";
    private static final String LATER = "migrate to a file after a snapshot";
    private static final String RESTORE = "restore";
    private static final String DUMP = "dump";
    private static final String SCREENDUMP = "screendump";
    private static final String OBJECT = "object";
    private static final String CHARACTER_DEVICE = "character device";

    private FileFlows() {}

    static List<FlowCase> cases() {
        return List.of(
                new FlowCase(CREATE, SUCCESS, FileFlows::create),
                new FlowCase(CREATE, FAILURE, FileFlows::createTooLarge),
                new FlowCase(CREATE, CANCEL, FileFlows::createThatIsCancelled),
                new FlowCase(CREATE, QEMU_KILLED, FileFlows::createBegun),
                new FlowCase(REOPEN, SUCCESS, FileFlows::reopen),
                new FlowCase(REOPEN, FAILURE, FileFlows::reopenOfADisk),
                new FlowCase(REOPEN, QEMU_KILLED, FileFlows::reopenForWriting),
                new FlowCase(MEDIUM, SUCCESS, FileFlows::medium),
                new FlowCase(MEDIUM, FAILURE, FileFlows::mediumOfADisk),
                new FlowCase(MEDIUM, QEMU_KILLED, bed -> insert(bed, "disc1")),
                new FlowCase(PLUG, SUCCESS, FileFlows::plug),
                new FlowCase(PLUG, FAILURE, FileFlows::plugUnderAnOldName),
                new FlowCase(PLUG, CANCEL, FileFlows::unplugThatTheGuestDoesNotAnswer),
                new FlowCase(PLUG, QEMU_KILLED, FileFlows::plugIn),
                new FlowCase(MIGRATE, SUCCESS, FileFlows::migrate),
                new FlowCase(MIGRATE, FAILURE, FileFlows::migrateWithoutRoom),
                new FlowCase(MIGRATE, CANCEL, FileFlows::migrateThatIsCancelled),
                new FlowCase(MIGRATE, QEMU_KILLED, FileFlows::migrateUpToItsEnd),
                new FlowCase(LATER, SUCCESS, FileFlows::migrateAfterASnapshot),
                new FlowCase(RESTORE, SUCCESS, FileFlows::restore),
                new FlowCase(RESTORE, FAILURE, FileFlows::restoreOfSomethingElse),
                new FlowCase(RESTORE, QEMU_KILLED, FileFlows::restoreBegun),
                new FlowCase(DUMP, SUCCESS, FileFlows::dump),
                new FlowCase(DUMP, FAILURE, FileFlows::dumpWithoutRoom),
                new FlowCase(DUMP, QEMU_KILLED, bed -> dump(bed, "dump")),
                new FlowCase(SCREENDUMP, SUCCESS, FileFlows::screendump),
                new FlowCase(SCREENDUMP, FAILURE, FileFlows::screendumpWithoutRoom),
                new FlowCase(SCREENDUMP, QEMU_KILLED, FileFlows::picture),
                new FlowCase(OBJECT, SUCCESS, FileFlows::object),
                new FlowCase(OBJECT, FAILURE, FileFlows::brokenObject),
                new FlowCase(OBJECT, QEMU_KILLED, FileFlows::secret),
                new FlowCase(CHARACTER_DEVICE, SUCCESS, FileFlows::characterDevice),
                new FlowCase(CHARACTER_DEVICE, FAILURE, FileFlows::characterDeviceUnderAnOldName),
                new FlowCase(CHARACTER_DEVICE, QEMU_KILLED, bed -> log(bed, "log")));
    }

    /** An empty file; its job is not dismissed. */
    static void create(FlowBed bed, String name) throws IOException {
        bed.done(
                "blockdev-create",
                "'job-id':'make','options':{'driver':'file','filename':'" + bed.path(name) + "','size':0}");
        bed.untilJob("make", "concluded");
        bed.writes(name);
    }

    private static void create(FlowBed bed) throws IOException {
        create(bed, "made");
        bed.done("job-dismiss", "'id':'make'");
        bed.done(
                "blockdev-add",
                "'driver':'file','node-name':'made','filename':'" + bed.path("made") + "','discard':'unmap'");
        bed.writes("made");
        bed.done("blockdev-del", "'node-name':'made'");
        bed.free("made");
    }

    private static void createTooLarge(FlowBed bed) throws IOException {
        bed.done(
                "blockdev-create",
                "'job-id':'make','options':{'driver':'file','preallocation':'falloc','size':4611686018427387904,"
                        + "'filename':'" + bed.path("made") + "'}");
        bed.untilFailed("make");
        bed.free("made");
    }

    /** qemu writes all of it first: that takes long enough for another command, and for a kill. */
    private static void createBegun(FlowBed bed) throws IOException {
        bed.done(
                "blockdev-create",
                "'job-id':'make','options':{'driver':'file','preallocation':'full','size':268435456,'filename':'"
                        + bed.path("made") + "'}");
        bed.writes("made");
    }

    private static void createThatIsCancelled(FlowBed bed) throws IOException {
        createBegun(bed);
        bed.done("job-cancel", "'id':'make'");
        bed.untilFailed("make");
        bed.free("made");
    }

    private static void reopenForWriting(FlowBed bed) throws IOException {
        bed.done(
                "blockdev-add",
                "'driver':'file','node-name':'spare-file','auto-read-only':true,'filename':'" + bed.path("spare")
                        + "'");
        bed.done("blockdev-add", "'driver':'qcow2','node-name':'spare','file':'spare-file','read-only':true");
        bed.reads("spare");
        reopen(bed, "spare", false);
        bed.writes("spare");
    }

    private static String again(String node, boolean isReadOnly) {
        return "'options':[{'driver':'qcow2','node-name':'" + node + "','file':'" + node + "-file','read-only':"
                + isReadOnly + (node.equals("top") ? ",'backing':'middle'}]" : "}]");
    }

    private static void reopen(FlowBed bed, String node, boolean isReadOnly) throws IOException {
        bed.done("blockdev-reopen", again(node, isReadOnly));
    }

    private static void reopen(FlowBed bed) throws IOException {
        reopenForWriting(bed);
        reopen(bed, "spare", true);
        bed.reads("spare");
        bed.done("blockdev-del", "'node-name':'spare'");
        bed.done("blockdev-del", "'node-name':'spare-file'");
        bed.free("spare");
    }

    /** The device writes it. */
    private static void reopenOfADisk(FlowBed bed) throws IOException {
        bed.fails("blockdev-reopen", again("top", true));
        bed.writes("top");
        bed.reads("middle", "base");
    }

    private static String change(FlowBed bed, String drive, String name) {
        return "'id':'" + drive + "','filename':'" + bed.path(name) + "','format':'raw'";
    }

    private static void insert(FlowBed bed, String name) throws IOException {
        bed.done("blockdev-change-medium", change(bed, "cd0", name));
        bed.reads(name);
    }

    private static void medium(FlowBed bed) throws IOException {
        insert(bed, "disc1");
        insert(bed, "disc2");
        bed.free("disc1");
        bed.done("eject", "'id':'cd0','force':true");
        bed.free("disc2");
    }

    private static void mediumOfADisk(FlowBed bed) throws IOException {
        bed.fails("blockdev-change-medium", change(bed, "vd0", "disc1"));
        bed.free("disc1");
        bed.writes("top");
    }

    private static void addSpare(FlowBed bed) throws IOException {
        bed.done(
                "blockdev-add",
                "'driver':'qcow2','node-name':'spare','file':{'driver':'file','filename':'" + bed.path("spare") + "'}");
        bed.writes("spare");
    }

    private static void plugIn(FlowBed bed) throws IOException {
        addSpare(bed);
        bed.done("device_add", "'driver':'scsi-hd','bus':'scsi.0','id':'new','drive':'spare'");
        bed.writes("spare");
    }

    private static void plug(FlowBed bed) throws IOException {
        plugIn(bed);
        bed.done("device_del", "'id':'new'");
        bed.writes("spare");
        removeSpare(bed);
    }

    /** The end of a device comes by an event, and before it the node is in use. */
    private static void removeSpare(FlowBed bed) throws IOException {
        eventually(
                "the node can be removed",
                () -> bed.client()
                        .ask("{'execute':'blockdev-del','arguments':{'node-name':'spare'}}")
                        .get("return")
                        .isPresent());
        bed.free("spare");
    }

    private static void plugUnderAnOldName(FlowBed bed) throws IOException {
        addSpare(bed);
        bed.fails("device_add", "'driver':'scsi-hd','bus':'scsi.0','id':'vd0','drive':'spare'");
        bed.fails("device_del", "'id':'cd0'");
        bed.writes("spare");
        removeSpare(bed);
    }

    private static void unplugThatTheGuestDoesNotAnswer(FlowBed bed) throws IOException {
        addSpare(bed);
        bed.done("device_add", "'driver':'virtio-blk-pci','bus':'gate','id':'new','drive':'spare'");
        bed.done("device_del", "'id':'new'");
        bed.fails("blockdev-del", "'node-name':'spare'");
        bed.writes("spare");
    }

    private static void save(FlowBed bed) throws IOException {
        bed.done("migrate", "'uri':'file:" + bed.path("saved") + "'");
        bed.writes("saved", bed.disk());
        bed.untilMigration("completed");
        bed.free("saved");
        bed.writes(bed.disk());
        bed.reads("middle", "base");
        assertThat(Files.size(bed.path("saved"))).isPositive();
    }

    private static void migrate(FlowBed bed) throws IOException {
        save(bed);
        bed.done("cont", "");
        bed.writes("top");
    }

    /** On descriptors the file node is one with {@code auto-read-only} then: qemu opens it for reading, and again for writing. */
    private static void migrateAfterASnapshot(FlowBed bed) throws IOException {
        DiskFlows.snapshot(bed);
        save(bed);
        bed.done("cont", "");
        bed.writes("over");
        bed.reads("top");
    }

    private static void migrateWithoutRoom(FlowBed bed) throws IOException {
        bed.small();
        bed.done("migrate", "'uri':'file:" + bed.path("small/saved") + "'");
        bed.untilMigration("failed");
        bed.free("small/saved");
        bed.writes("top");
    }

    private static void migrateUpToItsEnd(FlowBed bed) throws IOException {
        // It waits before its end until it is told to go on, which nobody does.
        bed.done("migrate-set-capabilities", "'capabilities':[{'capability':'pause-before-switchover','state':true}]");
        bed.done("migrate", "'uri':'file:" + bed.path("saved") + "'");
        bed.writes("saved", "top");
    }

    private static void migrateThatIsCancelled(FlowBed bed) throws IOException {
        migrateUpToItsEnd(bed);
        bed.done("migrate_cancel", "");
        bed.untilMigration("cancelled");
        bed.free("saved");
        bed.writes("top");
    }

    private static void restoreBegun(FlowBed bed) throws IOException {
        save(bed);
        bed.again("-incoming", "defer");
        bed.done("migrate-incoming", "'uri':'file:" + bed.path("saved") + "'");
    }

    private static void restore(FlowBed bed) throws IOException {
        restoreBegun(bed);
        bed.has("saved");
        bed.untilMigration("completed");
        bed.free("saved");
        bed.done("cont", "");
        bed.writes("top");
        bed.reads("middle", "base");
    }

    private static void restoreOfSomethingElse(FlowBed bed) throws IOException {
        bed.again("-incoming", "defer");
        bed.done("migrate-incoming", "'exit-on-error':false,'uri':'file:" + bed.path("disc1") + "'");
        bed.untilMigration("failed");
        bed.free("disc1");
    }

    private static String dumpTo(FlowBed bed, String name) {
        return "'paging':false,'protocol':'file:" + bed.path(name) + "'";
    }

    private static void dump(FlowBed bed, String name) throws IOException {
        bed.done("dump-guest-memory", dumpTo(bed, name));
        bed.writes(name);
    }

    private static void dump(FlowBed bed) throws IOException {
        dump(bed, "dump");
        bed.free("dump");
        assertThat(Files.size(bed.path("dump"))).isPositive();
    }

    private static void dumpWithoutRoom(FlowBed bed) throws IOException {
        bed.small();
        bed.fails("dump-guest-memory", dumpTo(bed, "small/dump"));
        bed.free("small/dump");
    }

    private static void picture(FlowBed bed) throws IOException {
        bed.done("screendump", "'filename':'" + bed.path("picture") + "'");
        bed.writes("picture");
    }

    private static void screendump(FlowBed bed) throws IOException {
        picture(bed);
        bed.free("picture");
        assertThat(Files.size(bed.path("picture"))).isPositive();
    }

    private static void screendumpWithoutRoom(FlowBed bed) throws IOException {
        bed.small();
        bed.fails("screendump", "'filename':'" + bed.path("small/picture") + "'");
        bed.free("small/picture");
    }

    private static String secretIn(FlowBed bed, String name) {
        return "'qom-type':'secret','id':'s','format':'base64','file':'" + bed.path(name) + "'";
    }

    private static void secret(FlowBed bed) throws IOException {
        bed.done("object-add", secretIn(bed, "key"));
        bed.has("key");
    }

    private static void object(FlowBed bed) throws IOException {
        secret(bed);
        bed.done("object-del", "'id':'s'");
        bed.free("key");
    }

    private static void brokenObject(FlowBed bed) throws IOException {
        bed.fails("object-add", secretIn(bed, "broken"));
        bed.free("broken");
    }

    private static String logTo(FlowBed bed, String name) {
        return "'id':'log','backend':{'type':'file','data':{'out':'" + bed.path(name) + "'}}";
    }

    private static void log(FlowBed bed, String name) throws IOException {
        bed.done("chardev-add", logTo(bed, name));
        bed.writes(name);
    }

    private static void characterDevice(FlowBed bed) throws IOException {
        log(bed, "log");
        bed.done("chardev-remove", "'id':'log'");
        bed.free("log");
    }

    private static void characterDeviceUnderAnOldName(FlowBed bed) throws IOException {
        log(bed, "log");
        bed.fails("chardev-add", logTo(bed, "second"));
        bed.writes("log");
        bed.free("second");
    }
}
