package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Set;
import labeler.guard.QmpClient;
import labeler.journal.FileHold;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Outputs to files that a client has opened itself: in a set, or by a name. */
class DescriptorOutputsTest extends WithRuleBed {
    /** As libvirt sends it for a save in its format {@code sparse}, since 11.3. */
    private static final String SET =
            "{'execute':'add-fd','arguments':{'fdset-id':3,'opaque':'libvirt-outgoing-migrate'}}";

    private static final String NAME = "{'execute':'getfd','arguments':{'fdname':'dump'}}";
    private static final String TO_SET = "'uri':'file:/dev/fdset/3,offset=0x6000'";

    @BeforeEach
    void aFile() throws IOException {
        Files.write(bed.path("saved"), new byte[4096]);
    }

    private JsonObject sent(String command, String name, Access access) throws IOException {
        OpenRequest request = new OpenRequest(access, OpenRequest.IMAGE.types(), OpenRequest.Links.FOLLOW);
        QmpClient client = bed.vm().client();
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

    private void untilMigration(String status) throws IOException {
        eventually(() -> JsonWriter.compact(bed.vm().client().done("{'execute':'query-migrate'}"))
                .contains("\"status\":\"" + status + "\""));
    }

    private Set<Long> sets() throws IOException {
        return bed.host().journal().sets(new VmName("one")).keySet();
    }

    private void setOf(String name, Access access) throws IOException {
        assertThat(sent(SET, name, access).get("return")).isPresent();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                TO_SET,
                "'channels':[{'channel-type':'main','addr':{'transport':'file','filename':'/dev/fdset/3','offset':24576}}]"
            })
    void a_migration_goes_to_a_file_in_a_set(String target) throws IOException {
        setOf("saved", Access.WRITE_ONLY);

        bed.done(command("migrate", target));

        untilMigration("completed");
        assertThat(Files.size(bed.path("saved"))).isGreaterThan(0x6000);
        assertThat(isHeld("saved")).isTrue();
        bed.done(command("remove-fd", "'fdset-id':3"));
        bed.vm().until(() -> !isHeld("saved"));
    }

    @Test
    void the_file_of_a_set_is_held_until_the_migration_ends_as_well() throws IOException {
        setOf("saved", Access.WRITE_ONLY);
        bed.done(command(
                "migrate-set-capabilities", "'capabilities':[{'capability':'pause-before-switchover','state':true}]"));
        bed.done(command("migrate", TO_SET));
        untilMigration("pre-switchover");

        bed.done(command("remove-fd", "'fdset-id':3"));
        settled();
        assertThat(isHeld("saved")).isTrue();

        bed.done(command("migrate_cancel", ""));
        bed.vm().until(() -> !isHeld("saved"));
    }

    /** Returns when the guard has let go of all that it lets go of: of a file that came later, too. */
    private void settled() throws IOException {
        bed.done(command("chardev-add", "'id':'later','backend':{'type':'file','data':{'out':'@/later'}}"));
        bed.done(command("chardev-remove", "'id':'later'"));
        bed.vm().until(() -> !isHeld("later"));
    }

    @Test
    void a_dump_goes_to_a_file_in_a_set() throws IOException {
        setOf("saved", Access.WRITE_ONLY);

        bed.done(RuleCase.dump("/dev/fdset/3"));

        assertThat(Files.size(bed.path("saved"))).isGreaterThan(4096);
        bed.done(command("remove-fd", "'fdset-id':3"));
        bed.vm().until(() -> !isHeld("saved"));
    }

    @Test
    void a_log_goes_to_a_file_in_a_set() throws IOException {
        setOf("saved", Access.WRITE_ONLY);

        bed.done(command("chardev-add", "'id':'c','backend':{'type':'file','data':{'out':'/dev/fdset/3'}}"));
        bed.done(command("remove-fd", "'fdset-id':3"));
        settled();
        assertThat(isHeld("saved")).isTrue();

        bed.done(command("chardev-remove", "'id':'c'"));
        bed.vm().until(() -> !isHeld("saved"));
    }

    /** This VM has no {@code -incoming}, as qemu says itself. */
    @Test
    void a_migration_comes_from_a_file_in_a_set() throws IOException {
        setOf("saved", Access.READ_ONLY);

        bed.refusedByQemu(command("migrate-incoming", TO_SET));

        bed.done(command("remove-fd", "'fdset-id':3"));
        bed.vm().until(() -> !isHeld("saved"));
    }

    @Test
    void a_set_with_an_image_of_the_vm_takes_no_output() throws IOException {
        setOf("top", Access.READ_WRITE);

        refused("S13", command("migrate", TO_SET));
        refused("S13", RuleCase.dump("/dev/fdset/3"));
    }

    @Test
    void a_set_that_is_only_read_takes_no_output() throws IOException {
        setOf("saved", Access.READ_ONLY);

        refused("S11", command("migrate", TO_SET));
    }

    @Test
    void a_set_that_is_not_there_takes_no_output() throws IOException {
        refused("N2", command("migrate", "'uri':'file:/dev/fdset/4'"));
        refused("N2", RuleCase.dump("/dev/fdset/1000001"));
    }

    /** qemu may give its number to one of the guard's own. */
    @Test
    void a_set_that_is_no_more_takes_no_output() throws IOException {
        setOf("saved", Access.WRITE_ONLY);
        bed.done(command("remove-fd", "'fdset-id':3"));
        bed.vm().until(() -> !isHeld("saved"));

        refused("N2", command("migrate", TO_SET));
    }

    @Test
    void the_file_of_a_dump_to_a_name_is_let_go_with_its_end() throws IOException {
        sent(NAME, "saved", Access.READ_WRITE);
        assertThat(isHeld("saved")).isTrue();

        bed.done(command("dump-guest-memory", "'paging':false,'protocol':'fd:dump'"));

        assertThat(Files.size(bed.path("saved"))).isGreaterThan(4096);
        bed.vm().until(() -> !isHeld("saved"));
    }

    /** The first fails when qemu has taken the name, the second before. */
    @ParameterizedTest
    @ValueSource(strings = {"'begin':0,'length':0", "'format':'kdump-zlib','begin':0,'length':4096"})
    void the_file_of_a_dump_that_fails_is_let_go(String arguments) throws IOException {
        sent(NAME, "saved", Access.READ_WRITE);

        bed.refusedByQemu(command("dump-guest-memory", "'paging':false,'protocol':'fd:dump'," + arguments));

        bed.vm().until(() -> !isHeld("saved"));
        bed.refusedByQemu(command("closefd", "'fdname':'dump'"));
        refused("S11", command("dump-guest-memory", "'paging':false,'protocol':'fd:dump'"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "'uri':'fd:dump'",
                "'channels':[{'channel-type':'main','addr':{'transport':'socket','type':'fd','str':'dump'}}]"
            })
    void an_image_of_the_vm_by_a_name_takes_no_migration(String target) throws IOException {
        sent(NAME, "top", Access.READ_WRITE);

        refused("S13", command("migrate", target));
    }

    @Test
    void an_image_of_the_vm_by_a_name_takes_no_dump() throws IOException {
        sent(NAME, "top", Access.READ_WRITE);

        refused("S13", command("dump-guest-memory", "'paging':false,'protocol':'fd:dump'"));
    }

    @Test
    void a_name_that_is_only_read_takes_no_output() throws IOException {
        sent(NAME, "saved", Access.READ_ONLY);

        refused("S11", command("migrate", "'uri':'fd:dump'"));
    }

    /** As libvirt saves a VM. */
    @Test
    void a_migration_goes_to_a_file_by_a_name() throws IOException {
        sent(NAME, "saved", Access.WRITE_ONLY);

        bed.done(command("migrate", "'uri':'fd:dump'"));

        untilMigration("completed");
        bed.vm().until(() -> !isHeld("saved"));
    }

    /** A VM that was saved before may have that file still. */
    @Test
    void an_output_may_have_the_name_that_another_file_of_the_vm_had() throws IOException {
        Files.write(bed.path("new"), new byte[4096]);
        setOf("saved", Access.WRITE_ONLY);
        Files.move(bed.path("saved"), bed.path("before"));
        Files.move(bed.path("new"), bed.path("saved"));
        sent(NAME, "saved", Access.WRITE_ONLY);

        bed.done(command("migrate", "'uri':'fd:dump'"));

        untilMigration("completed");
    }

    /** A client can choose a million numbers, one after another. */
    @Test
    void a_set_that_is_gone_is_forgotten() throws IOException {
        for (int number = 3; number < 13; number++) {
            String add = "{'execute':'add-fd','arguments':{'fdset-id':" + number + "}}";
            assertThat(sent(add, "saved", Access.WRITE_ONLY).get("return")).isPresent();
            bed.done(command("remove-fd", "'fdset-id':" + number));
        }

        eventually(() -> sets().isEmpty());
    }

    /** qemu has the file open then, whatever has become of the set. */
    @Test
    void a_set_is_known_as_long_as_a_node_stands_on_it() throws IOException {
        setOf("saved", Access.READ_WRITE);
        bed.done(command("blockdev-add", "'driver':'file','node-name':'file','filename':'/dev/fdset/3'"));
        bed.done(command("remove-fd", "'fdset-id':3"));
        settled();
        assertThat(sets()).containsExactly(3L);

        bed.done(command("blockdev-del", "'node-name':'file'"));
        eventually(() -> sets().isEmpty());
    }
}
