package labeler.guard.graph;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;

/**
 * A look at a qemu: the answers to its questions. The word of qemu is taken for what exists, and never for what is
 * allowed; what is no answer is as if it were not there.
 *
 * @param namedNodes to {@code query-named-block-nodes} with {@code flat}
 * @param graph to {@code x-debug-query-block-graph}, which alone has the edges
 * @param devices to {@code query-block}
 * @param jobs to {@code query-jobs}
 */
public record Look(Json namedNodes, Json graph, Json devices, Json jobs) {
    /** The names of the commands that ask for it, in the order of the components. */
    public static final List<String> COMMANDS =
            List.of("query-named-block-nodes", "x-debug-query-block-graph", "query-block", "query-jobs");

    /** The users that qemu tells of beside the nodes that they use, each kind with names of its own. */
    private static final Set<String> USERS = Set.of(Edge.BACKEND, "block-job");

    /** The graph that the answers show. */
    public BlockGraph read() {
        return new BlockGraph(nodes(), edges(), readDevices(), readJobs());
    }

    private Map<String, Node> nodes() {
        Map<String, Node> nodes = new LinkedHashMap<>();
        for (JsonObject node : namedNodes.objects()) {
            String name = node.text("node-name").orElse("");
            nodes.put(
                    name,
                    new Node(
                            name,
                            node.text("drv").orElse(""),
                            isTrue(node, "ro"),
                            node.get("cache").orElse(Json.nothing()) instanceof JsonObject cache
                                    && isTrue(cache, "direct"),
                            node.text("file").orElse(""),
                            node.get("image").orElse(Json.nothing()) instanceof JsonObject image
                                    ? image.text("backing-filename").orElse("")
                                    : "",
                            !node.get("active").equals(Optional.of(Json.of(false)))));
        }
        return nodes;
    }

    private List<Edge> edges() {
        if (!(graph instanceof JsonObject object)) {
            return List.of();
        }
        Map<Long, String> names = new HashMap<>();
        for (JsonObject node : object.objects("nodes")) {
            node.number("id").ifPresent(id -> names.put(id, nameInGraph(node)));
        }
        List<Edge> edges = new ArrayList<>();
        for (JsonObject edge : object.objects("edges")) {
            Optional<String> parent = edge.number("parent").map(names::get);
            Optional<String> child = edge.number("child").map(names::get);
            if (parent.isPresent() && child.isPresent()) {
                List<Json> permissions = edge.elements("perm");
                boolean writes = permissions.contains(Json.of("write"))
                        || permissions.contains(Json.of("write-unchanged"))
                        || permissions.contains(Json.of("resize"));
                edges.add(new Edge(parent.get(), child.get(), edge.text("name").orElse(""), writes));
            }
        }
        return edges;
    }

    /** A client may give a job the name of a node, even of one that the job uses. */
    private static String nameInGraph(JsonObject user) {
        String name = user.text("name").orElse("");
        return user.text("type")
                .filter(USERS::contains)
                .map(type -> Edge.user(type, name))
                .orElse(name);
    }

    private List<BlockDevice> readDevices() {
        List<BlockDevice> read = new ArrayList<>();
        for (JsonObject device : devices.objects()) {
            String node = device.get("inserted").orElse(Json.nothing()) instanceof JsonObject inserted
                    ? inserted.text("node-name").orElse("")
                    : "";
            read.add(new BlockDevice(
                    device.text("device").orElse(""),
                    device.text("qdev").orElse(""),
                    node,
                    device.get("tray_open").isPresent()));
        }
        return read;
    }

    private Map<String, Job> readJobs() {
        Map<String, Job> read = new LinkedHashMap<>();
        for (JsonObject job : jobs.objects()) {
            String id = job.text("id").orElse("");
            read.put(
                    id,
                    new Job(id, job.text("type").orElse(""), job.text("status").orElse("")));
        }
        return read;
    }

    private static boolean isTrue(JsonObject object, String member) {
        return object.get(member).equals(Optional.of(new JsonBoolean(true)));
    }
}
