package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;

/** A file takes the name of one that qemu has open, of which qemu tells by that name as before. */
class SameNamesTest extends WithRuleBed {
    private static final String ADD = "{'execute':'add-fd','arguments':{'fdset-id':3}}";

    /** A file gets the name of another one, which has the name {@code before} from then on. */
    private void replaced(String name, String other) throws IOException {
        Files.move(bed.path(name), bed.path("before"));
        Files.move(bed.path(other), bed.path(name));
    }

    private static String image(String node, String rest) {
        return command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + node
                        + "','read-only':true,'file':{'driver':'file','node-name':'" + node + "-file',"
                        + "'auto-read-only':true,'filename':'@/" + rest);
    }

    /** The node {@code first} has the file open that is {@code before} by now, and {@code second} the one in its place. */
    private void openTwoOfOneName() throws IOException {
        bed.image("medium", "");
        bed.image("other", "");
        bed.done(image("first", "medium'}"));
        replaced("medium", "other");
        bed.done(image("second", "medium'}"));
    }

    /** The first node has its file open still. */
    @Test
    void two_files_of_one_name_are_both_held_until_the_last_node_has_gone() throws IOException {
        openTwoOfOneName();

        assertThat(bed.host().label("medium")).isEqualTo(FollowedHost.CONTENT);
        assertThat(bed.host().label("before")).isEqualTo(FollowedHost.CONTENT);

        for (String node : List.of("first", "second")) {
            bed.done(command("blockdev-del", "'node-name':'" + node + "'"));
        }
        assertThat(bed.host().label("medium")).isEqualTo(FollowedHost.HOME);
        assertThat(bed.host().label("before")).isEqualTo(FollowedHost.HOME);
    }

    @Test
    void a_node_that_is_added_anew_leaves_the_file_that_it_had_before() throws IOException {
        openTwoOfOneName();
        bed.done(command("blockdev-del", "'node-name':'first'"));
        bed.done(command("blockdev-del", "'node-name':'second'"));

        bed.done(image("first", "medium'}"));

        assertThat(bed.host().label("medium")).isEqualTo(FollowedHost.CONTENT);
        assertThat(bed.host().label("before")).isEqualTo(FollowedHost.HOME);
    }

    /** qemu would open the other file for writing, and write what it knows of the first one. */
    @Test
    void a_job_does_not_go_on_in_a_file_that_has_taken_the_name_of_its_base() throws IOException {
        bed.image("other", "");
        replaced("base", "other");
        String commit = command("block-commit", "'job-id':'j','device':'top','base-node':'base','top-node':'middle'");

        refused("S15", commit);

        Files.move(bed.path("base"), bed.path("other"));
        Files.move(bed.path("before"), bed.path("base"));
        bed.done(commit);
    }

    /** The file that the VM writes had this name before. */
    @Test
    void a_job_does_not_write_a_file_with_the_name_of_one_that_the_vm_writes() throws IOException {
        bed.image("free", "");
        bed.image("other", "");
        replaced("top", "other");
        bed.done(image("below", "top'},'backing':null"));
        bed.done(command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'over','backing':'below','file':{'driver':'file','filename':'@/free'}"));

        refused("S15", command("block-commit", "'job-id':'j','device':'over','base-node':'below'"));
    }

    @Test
    void a_set_takes_no_second_file_that_has_taken_the_name_of_its_first() throws IOException {
        for (String name : List.of("saved", "other")) {
            Files.write(bed.path(name), new byte[4096]);
        }
        assertThat(sent("saved").get("return")).isPresent();
        replaced("saved", "other");

        assertThat(sent("saved").toString()).contains("labeler S11: ");
        assertThat(bed.host().label("before")).isEqualTo(bed.vm().image());

        bed.done(command("remove-fd", "'fdset-id':3"));
        assertThat(sent("saved").get("return")).isPresent();
        assertThat(bed.host().label("saved")).isEqualTo(bed.vm().image());
    }

    private JsonObject sent(String name) throws IOException {
        OpenRequest request = new OpenRequest(Access.READ_WRITE, OpenRequest.IMAGE.types(), OpenRequest.Links.FOLLOW);
        QmpClient client = bed.vm().client();
        if (JnaLinux.create().open().open(HostPath.of(bed.path(name)), request) instanceof OpenedFile file) {
            try (file) {
                client.write(ADD, List.of(file.descriptor()));
                return client.await(message -> message.get("event").isEmpty());
            }
        }
        throw new AssertionError(name + " cannot be opened");
    }
}
