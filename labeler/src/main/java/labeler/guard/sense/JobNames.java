package labeler.guard.sense;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;

/**
 * The names in jobs and snapshots that qemu looks up by itself. To a job to which a client gives none it gives that of the
 * drive whose node the job is of, also if the client names the node; it makes no job of a node without a drive. That name
 * is written into the command, so that the job is followed under the one that it has. A drive is written as the node that
 * it has now: when qemu's turn comes, another job may have given it another one, which nobody has judged.
 */
final class JobNames {
    private static final Set<String> COMMANDS = Set.of(
            "block-commit", "block-stream", "blockdev-backup", "blockdev-mirror", "drive-backup", "drive-mirror");

    /** Their targets are drives or nodes. */
    private static final Set<String> TO_NODES = Set.of("blockdev-backup", "blockdev-mirror");

    private static final String COMMIT = "block-commit";
    private static final String SNAPSHOT = "blockdev-snapshot";
    private static final String SNAPSHOT_SYNC = "blockdev-snapshot-sync";

    private static final String TRANSACTION = "transaction";
    private static final String JOB = "job-id";
    private static final String DEVICE = "device";
    private static final String NODE = "node";
    private static final String NODE_NAME = "node-name";
    private static final String OVERLAY_NAME = "snapshot-node-name";
    private static final String TARGET = "target";
    private static final String BASE_NODE = "base-node";
    private static final String ACTIONS = "actions";
    private static final String DATA = "data";

    private final BlockGraph graph;

    /** The drive directly above each node that has one. The actions of a transaction change that. */
    private final Map<String, String> drives;

    /** The drives that an action before has given another node: what is judged of them is their names. */
    private final Set<String> moved = new HashSet<>();

    JobNames(BlockGraph graph) {
        this.graph = graph;
        this.drives = new LinkedHashMap<>(graph.drivesOfNodes());
    }

    /** Whether a command may have such names. */
    static boolean mayHave(String command) {
        return COMMANDS.contains(command)
                || command.equals(TRANSACTION)
                || command.equals(SNAPSHOT)
                || command.equals(SNAPSHOT_SYNC);
    }

    /** The arguments of a command, with these names. */
    JsonObject named(String name, JsonObject arguments) {
        if (name.equals(TRANSACTION)) {
            List<Json> actions =
                    arguments.elements(ACTIONS).stream().map(this::action).toList();
            return actions.isEmpty() ? arguments : ImpliedArguments.with(arguments, ACTIONS, new JsonArray(actions));
        }
        return switch (name) {
            case SNAPSHOT -> byNode(arguments, NODE, NODE);
            // Without a name for the overlay qemu takes the name of a drive alone.
            case SNAPSHOT_SYNC ->
                arguments.get(OVERLAY_NAME).isPresent() ? byNode(arguments, DEVICE, NODE_NAME) : arguments;
            default -> COMMANDS.contains(name) ? job(name, arguments) : arguments;
        };
    }

    private JsonObject job(String name, JsonObject arguments) {
        Optional<String> device = arguments.text(DEVICE);
        JsonObject named = device.isEmpty() || arguments.get(JOB).isPresent()
                ? arguments
                : ImpliedArguments.with(arguments, JOB, Json.of(name(device.get())));
        JsonObject ofNode = byNode(named, DEVICE, DEVICE);
        JsonObject toNode = TO_NODES.contains(name) ? byNode(ofNode, TARGET, TARGET) : ofNode;
        boolean hasBase =
                arguments.get("base").isPresent() || arguments.get(BASE_NODE).isPresent();
        return name.equals(COMMIT) && !hasBase ? withBase(toNode) : toNode;
    }

    /** The lowest image of the disk, as qemu takes it. */
    private JsonObject withBase(JsonObject arguments) {
        List<Node> chain = arguments
                .text(DEVICE)
                .flatMap(graph::driveOrNode)
                .map(graph::chain)
                .orElse(List.of());
        return chain.size() < 2
                ? arguments
                : ImpliedArguments.with(
                        arguments, BASE_NODE, Json.of(chain.getLast().name()));
    }

    /** The node directly below a drive: it may be a filter of a job's, which goes with that. */
    private JsonObject byNode(JsonObject arguments, String drive, String node) {
        Optional<String> found = arguments
                .text(drive)
                .filter(name -> !moved.contains(name))
                .flatMap(name -> drives.entrySet().stream()
                        .filter(entry -> entry.getValue().equals(name))
                        .map(Map.Entry::getKey)
                        .findFirst());
        if (found.isEmpty()) {
            return arguments;
        }
        Map<String, Json> members = new LinkedHashMap<>(arguments.members());
        if (!drive.equals(node)) {
            members.remove(drive);
        }
        members.put(node, Json.of(found.get()));
        return new JsonObject(members);
    }

    /** qemu does one after another, and a later one sees the disk as the earlier ones have left it. */
    private Json action(Json json) {
        if (!(json instanceof JsonObject action)
                || !(action.get(DATA).orElse(Json.nothing()) instanceof JsonObject data)) {
            return json;
        }
        String type = action.text("type").orElse("");
        JsonObject named = named(type, data);
        switch (type) {
            case SNAPSHOT -> moved(data.text(NODE), data.text("overlay"));
            case SNAPSHOT_SYNC -> moved(data.text(DEVICE).or(() -> data.text(NODE_NAME)), data.text(OVERLAY_NAME));
            default -> {}
        }
        return ImpliedArguments.with(action, DATA, named);
    }

    /** After a snapshot the drive has the overlay; one that qemu names itself cannot be named in the same command. */
    private void moved(Optional<String> disk, Optional<String> overlay) {
        String drive = disk.map(this::name).orElse("");
        if (!drive.isEmpty()) {
            moved.add(drive);
            drives.values().remove(drive);
            overlay.ifPresent(node -> drives.put(node, drive));
        }
    }

    /** An empty one is refused by qemu, in the words that it has for a job without a name. */
    private String name(String device) {
        return graph.drive(device).isPresent() ? device : drives.getOrDefault(device, "");
    }
}
