package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.guard.judge.RuleCase.file;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import labeler.guard.QmpClient;
import labeler.guard.record.AuditEvent;
import labeler.journal.FileHold;
import labeler.json.Json.JsonObject;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Sequences of commands, each of which makes sense by itself, by which a file once came or went unjudged. */
class AttacksTest extends WithRuleBed {
    /** Sends a command with a descriptor of a file. */
    private JsonObject sent(String command, String name, Access access) throws IOException {
        return sent(bed.vm().client(), command, name, access);
    }

    private JsonObject sent(QmpClient client, String command, String name, Access access) throws IOException {
        OpenRequest request = new OpenRequest(access, OpenRequest.IMAGE.types(), OpenRequest.Links.FOLLOW);
        if (JnaLinux.create().open().open(HostPath.of(bed.path(name)), request) instanceof OpenedFile file) {
            try (file) {
                client.write(command, List.of(file.descriptor()));
                return client.await(message -> message.get("event").isEmpty());
            }
        }
        throw new AssertionError(name + " cannot be opened");
    }

    private boolean isHeld(String name) {
        return bed.vm().holds().stream().map(FileHold::path).anyMatch(HostPath.of(bed.path(name))::equals);
    }

    /** Returns when the guard has let go of all that it lets go of: of a file that came later, too. */
    private void settled() throws IOException {
        bed.done(log("chardev-add", "later"));
        bed.done(command("chardev-remove", "'id':'later'"));
        bed.vm().until(() -> !isHeld("later"));
    }

    private static String log(String execute, String id, String file) {
        return command(execute, "'id':'" + id + "','backend':{'type':'file','data':{'out':'@/" + file + "'}}");
    }

    private static String log(String execute, String id) {
        return log(execute, id, id);
    }

    @Test
    void a_header_behind_an_offset_is_none() throws IOException {
        Files.write(bed.path("part"), new byte[4 << 20]);
        bed.image("hidden", "");
        bed.done(command(
                "blockdev-add",
                "'driver':'raw','node-name':'part','read-only':true,'offset':1048576,'size':1048576,"
                        + "'file':{'driver':'file','filename':'@/part'}"));
        refused("C1", command("blockdev-add", "'driver':'qcow2','node-name':'x','read-only':true,'file':'part'"));
    }

    /** One on a server in a directory of its own is qemu's test 264. */
    @Test
    void a_node_on_the_server_of_another_vm_is_refused() throws IOException {
        refused(
                "N4",
                command(
                        "blockdev-add",
                        "'driver':'nbd','node-name':'x','server':{'type':'unix','path':'%run%/two/socket'}"));
    }

    @Test
    void a_character_device_that_changes_keeps_its_new_file() throws IOException {
        bed.done(log("chardev-add", "c", "first"));
        bed.done(log("chardev-change", "c", "second"));
        settled();
        assertThat(isHeld("second")).isTrue();
        bed.done(command("chardev-remove", "'id':'c'"));
        bed.vm().until(() -> !isHeld("second") && !isHeld("first"));
    }

    /** Each of its commands was once a reason to wait anew for all files. */
    @Test
    @Timeout(60)
    void a_client_that_asks_often_keeps_no_file() throws IOException {
        bed.done(RuleCase.dump("@/dump"));
        assertThat(isHeld("dump")).isTrue();
        eventually(() -> {
            bed.done(command("object-add", "'qom-type':'iothread','id':'often'"));
            bed.done(command("object-del", "'id':'often'"));
            return !isHeld("dump");
        });
    }

    @Test
    void what_a_device_or_an_export_searches_on_the_host_is_refused() throws IOException {
        refused("C5", command("device_add", "'driver':'usb-host','id':'d'"));
        refused("C5", command("device_add", "'driver':'usb-host','id':'d','hostdevice':'','hostport':''"));
        refused("C5", command("device_add", "'driver':'ccid-card-emulated','id':'d','backend':'nss-emulated'"));
        refused("C2", command("block-export-add", "'type':'vduse-blk','id':'e','node-name':'base','name':'v'"));
    }

    @Test
    void a_descriptor_that_a_command_has_used_outlives_its_name() throws IOException {
        Files.write(bed.path("used"), new byte[4096]);
        Files.write(bed.path("other"), new byte[4096]);
        assertThat(sent("{'execute':'getfd','arguments':{'fdname':'X'}}", "used", Access.READ_WRITE)
                        .get("return"))
                .isPresent();
        bed.done(command(
                "migrate-set-capabilities", "'capabilities':[{'capability':'pause-before-switchover','state':true}]"));
        bed.done(command("migrate", "'uri':'fd:X'"));
        assertThat(sent("{'execute':'getfd','arguments':{'fdname':'X'}}", "other", Access.READ_ONLY)
                        .get("return"))
                .isPresent();
        bed.done(command("closefd", "'fdname':'X'"));
        bed.vm().until(() -> !isHeld("other"));
        settled();
        assertThat(isHeld("used")).isTrue();
    }

    @Test
    void a_set_keeps_its_files_until_it_is_removed_as_a_whole() throws IOException {
        Files.write(bed.path("written"), new byte[4096]);
        assertThat(sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "written", Access.READ_WRITE)
                        .get("return"))
                .isPresent();
        JsonObject answer = sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "written", Access.READ_ONLY);
        long number =
                ((JsonObject) answer.get("return").orElseThrow()).number("fd").orElseThrow();
        bed.done(command("remove-fd", "'fdset-id':7,'fd':" + number));
        settled();
        assertThat(isHeld("written")).isTrue();
        bed.done(command("remove-fd", "'fdset-id':7"));
        bed.vm().until(() -> !isHeld("written"));
    }

    private static String del(String node) {
        return command("blockdev-del", "'node-name':'" + node + "'");
    }

    /** The node keeps its descriptor when the set has none any more. */
    @Test
    void a_node_on_a_set_keeps_its_file_for_the_next_service() throws IOException {
        bed.image("disk", "");
        assertThat(sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "disk", Access.READ_WRITE)
                        .get("return"))
                .isPresent();
        bed.done(command("blockdev-add", "'driver':'file','node-name':'disk-file','filename':'/dev/fdset/7'"));
        bed.done(command("blockdev-add", "'driver':'qcow2','node-name':'disk','file':'disk-file'"));
        bed.done(command("remove-fd", "'fdset-id':7"));

        bed.restart();
        settled();

        assertThat(isHeld("disk")).isTrue();
        assertThat(bed.host().label("disk")).isEqualTo(bed.vm().image());
        bed.done(del("disk"));
        bed.done(del("disk-file"));
        bed.vm().until(() -> !isHeld("disk"));
    }

    /** The set stays the client's, with the members that the client has given it. */
    @Test
    void a_node_over_a_file_on_a_clients_set_takes_no_member_of_it() throws IOException {
        bed.image("disk", "");
        String add = "{'execute':'add-fd','arguments':{'fdset-id':7}}";
        JsonObject sent =
                (JsonObject) sent(add, "disk", Access.READ_WRITE).get("return").orElseThrow();
        assertThat(sent(add, "disk", Access.READ_ONLY).get("return")).isPresent();
        bed.done(command(
                "blockdev-add",
                "'driver':'file','node-name':'disk-file','auto-read-only':true,'filename':'/dev/fdset/7'"));
        bed.done(command("blockdev-add", "'driver':'qcow2','node-name':'disk','file':'disk-file'"));

        bed.done(del("disk"));
        bed.done(command("remove-fd", "'fdset-id':7,'fd':" + sent.number("fd").orElseThrow()));
        bed.done(del("disk-file"));
        bed.done(command("remove-fd", "'fdset-id':7"));
        bed.vm().until(() -> !isHeld("disk"));
    }

    /** A set that is not on record: it came by a monitor without a guard. */
    @Test
    void nothing_is_given_back_while_the_file_of_a_node_is_not_known() throws IOException {
        bed.image("other", "");
        Files.write(bed.path("strange"), new byte[4096]);
        bed.done(file("x", "@/other"));
        sent(bed.direct(), "{'execute':'add-fd','arguments':{'fdset-id':9}}", "strange", Access.READ_ONLY);
        bed.direct().done(file("strange", "/dev/fdset/9"));

        bed.done(del("x"));
        settled();

        assertThat(isHeld("other")).isTrue();
        assertThat(bed.vm().entries())
                .filteredOn(entry -> entry.event() == AuditEvent.DRIFT)
                .singleElement()
                .asString()
                .contains("node strange stands on /dev/fdset/9");
        bed.direct().done(del("strange"));
        settled();
        assertThat(isHeld("other")).isFalse();
    }

    /** qemu tells of its end by no name. */
    @Test
    void the_file_of_a_device_without_an_id_is_kept_for_the_next_service() throws IOException {
        bed.done(command("device_add", "'driver':'usb-tablet','bus':'usb.0','pcap':'@/packets'"));

        bed.restart();
        settled();

        assertThat(isHeld("packets")).isTrue();
    }

    @Test
    void nodes_in_lists_and_inside_of_a_new_image_are_judged() throws IOException {
        refused(
                "S5",
                command(
                        "blockdev-add",
                        "'driver':'quorum','node-name':'q','vote-threshold':1,'children':[{'driver':'raw',"
                                + "'file':{'driver':'file','locking':'off','filename':'@/base'}}]"));
        refused(
                "S4",
                command(
                        "blockdev-create",
                        "'job-id':'j','options':{'driver':'vmdk','size':1048576,'subformat':'twoGbMaxExtentFlat',"
                                + "'file':'top-file','extents':[{'driver':'file','filename':'@/base'}]}"));
    }

    /** It ends what the others wait for. */
    @Test
    @Timeout(60)
    void a_command_that_hangs_is_freed_at_once() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                QmpClient second = bed.vm().relayed().guardedClient().negotiated()) {
            bed.vm()
                    .client()
                    .write(command(
                            "blockdev-add",
                            "'driver':'nbd','node-name':'far','server':{'type':'inet','host':'127.0.0.1','port':'"
                                    + silent.getLocalPort() + "'}"));
            silent.accept();
            CompletableFuture<Boolean> isRefused =
                    CompletableFuture.supplyAsync(() -> isRefused(bed.vm().client()));
            // qemu can end the connection only from some moment of its opening on, of which it does not tell.
            while (!isRefused.isDone()) {
                second.ask(
                        "{'exec-oob':'yank','arguments':{'instances':[" + "{'type':'block-node','node-name':'far'}]}}");
            }
            assertThat(isRefused.join()).isTrue();
        }
    }

    private static boolean isRefused(QmpClient client) {
        try {
            return client.await(message -> message.get("event").isEmpty())
                    .get("error")
                    .isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_descriptor_for_writing_of_what_is_read_is_refused() throws IOException {
        assertThat(sent("{'execute':'add-fd'}", "base", Access.READ_WRITE).toString())
                .contains("labeler S11: ");
        assertThat(sent("{'execute':'add-fd'}", "base", Access.READ_ONLY).get("return"))
                .isPresent();
    }

    private static String overlay(String disk, String file) {
        return "{'type':'blockdev-snapshot-sync','data':{'node-name':'" + disk + "','snapshot-file':'@/" + file
                + "','snapshot-node-name':'" + file + "','format':'qcow2'}}";
    }

    /** The second one lies on the first, which has no name before the command. */
    @Test
    void two_snapshots_of_one_disk_in_one_transaction_are_refused() throws IOException {
        refused(
                "C7",
                command("transaction", "'actions':[" + overlay("top", "one") + "," + overlay("top", "two") + "]"));
        bed.done(command("transaction", "'actions':[" + overlay("top", "one") + "]"));
    }

    /** Only a migration knows an offset behind a name. */
    @Test
    void the_file_of_a_dump_has_its_whole_name() throws IOException {
        bed.done(RuleCase.dump("@/memory,offset=0"));

        assertThat(bed.path("memory")).doesNotExist();
        assertThat(isHeld("memory,offset=0")).isTrue();
        bed.vm().until(() -> !isHeld("memory,offset=0"));
    }

    @Test
    void a_descriptor_whose_name_is_given_again_is_let_go() throws IOException {
        Files.write(bed.path("first"), new byte[4096]);
        Files.write(bed.path("second"), new byte[4096]);
        sent("{'execute':'getfd','arguments':{'fdname':'X'}}", "first", Access.READ_WRITE);
        assertThat(isHeld("first")).isTrue();

        sent("{'execute':'getfd','arguments':{'fdname':'X'}}", "second", Access.READ_WRITE);

        bed.vm().until(() -> !isHeld("first"));
        assertThat(isHeld("second")).isTrue();
    }

    @Test
    void a_descriptor_of_a_migration_is_let_go_with_its_end() throws IOException {
        Files.write(bed.path("saved"), new byte[4096]);
        sent("{'execute':'getfd','arguments':{'fdname':'X'}}", "saved", Access.READ_WRITE);

        bed.done(command("migrate", "'uri':'fd:X'"));

        bed.vm().until(() -> !isHeld("saved"));
    }

    @Test
    void a_set_without_members_holds_no_file() throws IOException {
        Files.write(bed.path("part"), new byte[4096]);
        JsonObject answer = sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "part", Access.READ_ONLY);
        long number =
                ((JsonObject) answer.get("return").orElseThrow()).number("fd").orElseThrow();

        bed.done(command("remove-fd", "'fdset-id':7,'fd':" + number));

        bed.vm().until(() -> !isHeld("part"));
    }

    @Test
    void a_descriptor_of_a_directory_is_refused() throws IOException {
        Files.createDirectory(bed.path("directory"));
        OpenRequest request = new OpenRequest(Access.READ_ONLY, Set.of(FileType.DIRECTORY), OpenRequest.Links.FOLLOW);
        if (JnaLinux.create().open().open(HostPath.of(bed.path("directory")), request) instanceof OpenedFile file) {
            try (file) {
                QmpClient client = bed.vm().client();
                client.write("{'execute':'add-fd'}", List.of(file.descriptor()));
                assertThat(client.await(message -> message.get("event").isEmpty())
                                .toString())
                        .contains("labeler S11: ");
                return;
            }
        }
        throw new AssertionError("it cannot be opened");
    }

    /** qemu takes whichever member is open in the way that it needs, and the guard would judge another one. */
    @Test
    void a_set_has_one_file() throws IOException {
        bed.image("good", "");
        bed.image("evil", "");
        sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "evil", Access.READ_ONLY);

        assertThat(sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "good", Access.READ_WRITE)
                        .toString())
                .contains("labeler S11: ");
        assertThat(sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "evil", Access.READ_ONLY)
                        .get("return"))
                .isPresent();
        bed.done(command("remove-fd", "'fdset-id':7"));
        bed.vm().until(() -> !isHeld("evil"));
        assertThat(sent("{'execute':'add-fd','arguments':{'fdset-id':7}}", "good", Access.READ_WRITE)
                        .get("return"))
                .isPresent();
    }

    @Test
    void a_link_to_a_file_of_the_system_is_refused() throws IOException {
        Files.createSymbolicLink(bed.path("link"), Path.of("/etc/hostname"));

        refused("N5", RuleCase.file("x", "@/link"));
        refused("N5", RuleCase.dump("@/link"));
        refused("N5", command("object-add", "'qom-type':'secret','id':'s','file':'@/link'"));
    }
}
