package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.guard.graph.BlockDevice;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A drive may get another node between the guard's look and qemu's turn, as when a mirror pivots: what is sent names the node
 * that was judged.
 */
class ImpliedArgumentsTest {
    private static final String DRIVE = "block-backend drive0";

    private static JsonObject json(String text) {
        return (JsonObject) ((JsonReader.Value) new JsonReader().read(text.replace('\'', '"'))).json();
    }

    private static BlockGraph graph(List<Edge> edges) {
        Map<String, Node> nodes = new LinkedHashMap<>();
        for (String name : List.of("a", "b", "free")) {
            nodes.put(name, new Node(name, "qcow2", false, false, "/vm/" + name, ""));
        }
        nodes.put("filter", new Node("filter", "mirror_top", false, false, "", ""));
        return new BlockGraph(nodes, edges, List.of(new BlockDevice("drive0", "vd0", "a", false)), Map.of());
    }

    /** The drive drive0 is a, on b. */
    private static BlockGraph graph() {
        return graph(List.of(new Edge(DRIVE, "a", "root", true), new Edge("a", "b", "backing", false)));
    }

    private static String written(String name, String arguments, BlockGraph graph) {
        Command written = ImpliedArguments.written(new Command(name, json(arguments), false, Optional.empty()), graph);
        return JsonWriter.compact(written.arguments()).replace('"', '\'');
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
                    block-stream    | {'device':'drive0'}                | {'device':'a','job-id':'drive0'}
                    block-stream    | {'device':'drive0','job-id':'j'}   | {'device':'a','job-id':'j'}
                    block-stream    | {'device':'a','job-id':'j'}        | {'device':'a','job-id':'j'}
                    block-stream    | {'device':'x','job-id':'j'}        | {'device':'x','job-id':'j'}
                    block-commit    | {'device':'drive0','job-id':'j','base':'/vm/b'} | {'device':'a','job-id':'j','base':'/vm/b'}
                    drive-backup    | {'device':'drive0','job-id':'j','target':'/vm/t'} | {'device':'a','job-id':'j','target':'/vm/t'}
                    blockdev-mirror | {'device':'free','job-id':'j','target':'drive0'} | {'device':'free','job-id':'j','target':'a'}
                    blockdev-snapshot | {'node':'drive0','overlay':'free'} | {'node':'a','overlay':'free'}
                    blockdev-snapshot-sync | {'device':'drive0','snapshot-file':'/vm/t'} | {'device':'drive0','snapshot-file':'/vm/t'}
                    blockdev-snapshot-sync | {'device':'drive0','snapshot-node-name':'t'} | {'snapshot-node-name':'t','node-name':'a'}
                    """)
    void a_drive_is_sent_as_the_node_that_it_has(String name, String asked, String sent) {
        assertThat(written(name, asked, graph())).isEqualTo(sent);
    }

    /** The base may be another one by then: a mirror can replace it, too. */
    @Test
    void a_commit_without_a_base_is_sent_with_the_one_that_was_judged() {
        assertThat(written("block-commit", "{'device':'drive0','job-id':'j'}", graph()))
                .isEqualTo("{'device':'a','job-id':'j','base-node':'b'}");
    }

    /** It goes with its job, and qemu finds nothing then. */
    @Test
    void the_filter_of_a_job_is_named_and_not_the_image_below_it() {
        BlockGraph mirrored = graph(List.of(
                new Edge(DRIVE, "filter", "root", true),
                new Edge("filter", "a", "backing", true),
                new Edge("a", "b", "backing", false)));

        assertThat(written("block-commit", "{'device':'drive0','job-id':'j'}", mirrored))
                .isEqualTo("{'device':'filter','job-id':'j','base-node':'b'}");
    }

    /** It has no node yet that could be judged; the snapshot before fails if the drive has another one. */
    @Test
    void after_a_snapshot_in_one_transaction_a_drive_keeps_its_name() {
        assertThat(written(
                        "transaction",
                        "{'actions':[{'type':'blockdev-snapshot-sync','data':{'device':'drive0','snapshot-file':'/vm/t',"
                                + "'snapshot-node-name':'t'}},"
                                + "{'type':'blockdev-backup','data':{'device':'drive0','job-id':'j','target':'free'}}]}",
                        graph()))
                .isEqualTo("{'actions':[{'type':'blockdev-snapshot-sync','data':{'snapshot-file':'/vm/t',"
                        + "'snapshot-node-name':'t','node-name':'a'}},"
                        + "{'type':'blockdev-backup','data':{'device':'drive0','job-id':'j','target':'free'}}]}");
    }
}
