package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.json.JsonWriter;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What qemu 10.0 dies of is refused, with the way out. */
class FatalCommandsTest {
    private final FollowedHost host;

    @AutoClose("closeWithHost")
    private final JudgedQemu vm;

    /** A VM with a chain. */
    FatalCommandsTest(@TempDir Path root) throws IOException {
        host = new FollowedHost(root);
        vm = JudgedQemu.withChain(host, root, "base", "top");
    }

    private String asked(String question) throws IOException {
        return JsonWriter.compact(vm.client().done("{'execute':'" + question + "'}"));
    }

    private void saved() throws IOException {
        vm.done("{'execute':'migrate','arguments':{'uri':'file:" + host.path("saved") + "'}}");
        eventually(() -> {
            String migration = asked("query-migrate");
            assertThat(migration).doesNotContain("\"failed\"");
            return migration.contains("\"completed\"");
        });
    }

    @Test
    void nothing_is_reopened() throws IOException {
        assertThat(vm.refused("{'execute':'blockdev-reopen','arguments':{'options':[]}}"))
                .startsWith("labeler C1: ")
                .contains("; name the node");
        assertThat(asked("query-status")).contains("\"running\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"job-finalize", "block-job-finalize"})
    void a_job_is_not_finalized_while_its_nodes_are_inactive(String command) throws IOException {
        String finalize = "{'execute':'" + command + "','arguments':{'id':'j'}}";
        vm.done("{'execute':'block-stream','arguments':{'job-id':'j','device':'top','auto-finalize':false}}");
        vm.untilJob("j", "pending");
        saved();

        assertThat(vm.refused(finalize)).startsWith("labeler S15: ").contains("; do it where the VM runs now");
        vm.done("{'execute':'cont'}");
        vm.done(finalize);
        vm.untilGone("j");
    }

    @Test
    void a_header_is_not_changed_while_its_node_is_inactive() throws IOException {
        String change = "{'execute':'change-backing-file','arguments':{'device':'top','image-node-name':'top',"
                + "'backing-file':'" + host.path("base") + "'}}";
        saved();

        assertThat(vm.refused(change)).startsWith("labeler S15: ").contains("; do it where the VM runs now");
        vm.done("{'execute':'blockdev-set-active','arguments':{'active':true}}");
        vm.done(change);
    }
}
