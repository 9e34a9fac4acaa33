package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A disk of many layers: of each qemu has two nodes, together more than a client may add at once, and {@code query-block} nests the
 * images.
 */
class DeepChainTest {
    private static final List<String> LAYERS =
            IntStream.range(0, 100).mapToObj(layer -> "layer" + layer).toList();

    @TempDir
    Path root;

    @Test
    void a_node_may_stand_on_a_deep_chain() throws IOException {
        String top = LAYERS.getLast();
        try (FollowedHost host = new FollowedHost(root);
                JudgedQemu vm = JudgedQemu.withChain(host, root, LAYERS.toArray(String[]::new))) {
            JudgedQemu.make(host, "more", "");
            vm.done(command("object-add", "'qom-type':'throttle-group','id':'slow'"));
            for (String node : List.of(
                    "'driver':'copy-on-read','node-name':'a','file':'" + top + "'",
                    "'driver':'throttle','node-name':'b','throttle-group':'slow','file':'" + top + "'",
                    "'driver':'qcow2','node-name':'c','backing':'" + top + "','file':{'driver':'file','filename':'"
                            + host.path("more") + "'}")) {
                vm.done(command("blockdev-add", node));
            }
        }
    }
}
