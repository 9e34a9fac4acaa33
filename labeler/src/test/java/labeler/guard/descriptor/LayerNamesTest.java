package labeler.guard.descriptor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.guard.sense.NodeFiles;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The layers of a stream, as qemu gets them: top, a filter, middle, base. */
class LayerNamesTest {
    private static LayerNames on(String base) {
        Map<String, Node> nodes = new LinkedHashMap<>();
        List<Edge> edges = new ArrayList<>();
        for (String name : List.of("top", "middle", "base")) {
            String file = name.equals("base") ? base : "/vm/" + name;
            nodes.put(name, new Node(name, "qcow2", true, false, file, ""));
            nodes.put(name + "-file", new Node(name + "-file", "file", true, false, file, ""));
            edges.add(new Edge(name, name + "-file", "file", false));
        }
        nodes.put("filter", new Node("filter", "throttle", true, false, "", ""));
        edges.add(new Edge("top", "filter", "backing", false));
        edges.add(new Edge("filter", "middle", "file", false));
        edges.add(new Edge("middle", "base", "backing", false));
        return new LayerNames(new NodeFiles(
                new BlockGraph(nodes, edges, List.of(), Map.of()), Map.of(1_000_001L, HostPath.of("/vm/base"))));
    }

    private static JsonObject stream(String key, String value) {
        return Json.object().put("device", "top").put(key, value).build();
    }

    @ParameterizedTest
    @CsvSource({"middle", "filter"})
    void a_bottom_over_a_set_is_the_base_below_it(String bottom) {
        assertThat(on("/dev/fdset/1000001").byNode("block-stream", stream("bottom", bottom)))
                .isEqualTo(stream("base-node", "base"));
    }

    @Test
    void a_bottom_over_a_file_stays() {
        assertThat(on("/vm/base").byNode("block-stream", stream("bottom", "middle")))
                .isEqualTo(stream("bottom", "middle"));
    }

    /** qemu takes one of them, and says so. */
    @ParameterizedTest
    @CsvSource({"base,/vm/middle,base-node,middle", "base-node,middle,base-node,middle"})
    void a_bottom_beside_a_base_stays(String key, String value, String sentKey, String sent) {
        JsonObject both = Json.object()
                .put("device", "top")
                .put(key, value)
                .put("bottom", "middle")
                .build();

        assertThat(on("/dev/fdset/1000001").byNode("block-stream", both).members())
                .containsEntry("bottom", Json.of("middle"))
                .containsEntry(sentKey, Json.of(sent));
    }
}
