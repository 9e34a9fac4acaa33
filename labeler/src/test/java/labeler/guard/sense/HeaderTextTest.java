package labeler.guard.sense;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.guard.graph.BlockDevice;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The text that a command has qemu write into a header (S8), for a VM whose files are on descriptor sets. */
class HeaderTextTest {
    private static final long FIRST = 1_000_000;

    /** top on middle on base, each on a set of its own. */
    private static Situation situation() {
        Map<String, Node> nodes = new LinkedHashMap<>();
        List<Edge> edges = new ArrayList<>();
        Map<Long, HostPath> sets = new LinkedHashMap<>();
        String below = "";
        long set = FIRST;
        for (String name : List.of("base", "middle", "top")) {
            String file = name + "-file";
            sets.put(set, HostPath.of("/vm/" + name));
            nodes.put(file, new Node(file, "file", false, false, "/dev/fdset/" + set, ""));
            nodes.put(name, new Node(name, "qcow2", !name.equals("top"), false, "/dev/fdset/" + set, ""));
            edges.add(new Edge(name, file, "file", name.equals("top")));
            if (!below.isEmpty()) {
                edges.add(new Edge(name, below, "backing", false));
            }
            below = name;
            set++;
        }
        BlockGraph graph = new BlockGraph(nodes, edges, List.of(new BlockDevice("vd0", "", "top", false)), Map.of());
        NameRules names = new NameRules(
                NameRules.Places.of(List.of(HostPath.of("/vm")), List.of()), HostPath.of("/run/one"), true);
        return new Situation(new NodeFiles(graph, sets), names, Permissions.of(List.of()), Map.of());
    }

    private static Optional<Rule> refused(String name, JsonObject arguments) {
        Command command = new Command(name, arguments, false, Optional.empty());
        return switch (CommandReader.read(command, List.of(), situation())) {
            case CommandReader.Senseless(Objection objection) -> Optional.of(objection.rule());
            case CommandReader.Sensible _ -> Optional.empty();
        };
    }

    private static JsonObject commit(String text) {
        return Json.object()
                .put("job-id", "j")
                .put("device", "top")
                .put("top-node", "middle")
                .put("base-node", "base")
                .put("backing-file", text)
                .build();
    }

    private static JsonObject stream(String text) {
        return Json.object()
                .put("job-id", "j")
                .put("device", "top")
                .put("base-node", "base")
                .put("backing-file", text)
                .build();
    }

    private static JsonObject change(String text) {
        return Json.object()
                .put("device", "vd0")
                .put("image-node-name", "middle")
                .put("backing-file", text)
                .build();
    }

    /** qemu itself shows the names of sets. */
    @ParameterizedTest
    @ValueSource(
            strings = {"/dev/fdset/1000000", "/vm/middle", "middle", "/etc/shadow", "nbd:x:1", "json:{}", "file:/vm/x"})
    void a_name_that_the_next_start_does_not_find_is_not_written(String text) {
        assertThat(refused("block-commit", commit(text))).contains(Rule.S8);
        assertThat(refused("block-stream", stream(text))).contains(Rule.S8);
        assertThat(refused("change-backing-file", change(text))).contains(Rule.S8);
    }

    @ParameterizedTest
    @ValueSource(strings = {"/vm/base", "base", "file:/vm/base"})
    void the_name_of_the_image_below_is_written(String text) {
        assertThat(refused("block-commit", commit(text))).isEmpty();
        assertThat(refused("block-stream", stream(text))).isEmpty();
        assertThat(refused("change-backing-file", change(text))).isEmpty();
    }

    @Test
    void without_a_text_qemu_writes_the_name_itself() {
        JsonObject plain = Json.object()
                .put("job-id", "j")
                .put("device", "top")
                .put("top-node", "middle")
                .put("base-node", "base")
                .build();
        assertThat(refused("block-commit", plain)).isEmpty();
    }
}
