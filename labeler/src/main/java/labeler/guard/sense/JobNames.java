package labeler.guard.sense;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;

/**
 * The names of jobs to which a client gives none. qemu takes that of the drive whose node the job is of, also if the client
 * names the node; it makes no job of a node without a drive. The name is written into the command, so that the job is
 * followed under the one that it has.
 */
final class JobNames {
    private static final Set<String> COMMANDS = Set.of(
            "block-commit", "block-stream", "blockdev-backup", "blockdev-mirror", "drive-backup", "drive-mirror");

    private static final String TRANSACTION = "transaction";
    private static final String JOB = "job-id";
    private static final String DEVICE = "device";
    private static final String ACTIONS = "actions";
    private static final String DATA = "data";

    private final BlockGraph graph;

    /** The drive directly above each node that has one. The actions of a transaction change that. */
    private final Map<String, String> drives;

    JobNames(BlockGraph graph) {
        this.graph = graph;
        this.drives = new LinkedHashMap<>(graph.drivesOfNodes());
    }

    /** Whether a command may begin a job to which a client need give no name. */
    static boolean mayBegin(String command) {
        return COMMANDS.contains(command) || command.equals(TRANSACTION);
    }

    /** The arguments of a command, with the name of each job that it begins. */
    JsonObject named(String name, JsonObject arguments) {
        if (name.equals(TRANSACTION)) {
            List<Json> actions =
                    arguments.elements(ACTIONS).stream().map(this::action).toList();
            return actions.isEmpty() ? arguments : ImpliedArguments.with(arguments, ACTIONS, new JsonArray(actions));
        }
        Optional<String> device = arguments
                .text(DEVICE)
                .filter(_ -> COMMANDS.contains(name) && arguments.get(JOB).isEmpty());
        return device.isEmpty() ? arguments : ImpliedArguments.with(arguments, JOB, Json.of(name(device.get())));
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
            case "blockdev-snapshot" -> moved(data.text("node"), data.text("overlay"));
            case "blockdev-snapshot-sync" ->
                moved(data.text(DEVICE).or(() -> data.text("node-name")), data.text("snapshot-node-name"));
            default -> {}
        }
        return ImpliedArguments.with(action, DATA, named);
    }

    /** After a snapshot the drive has the overlay; one that qemu names itself cannot be named in the same command. */
    private void moved(Optional<String> disk, Optional<String> overlay) {
        String drive = disk.map(this::name).orElse("");
        if (!drive.isEmpty()) {
            drives.values().remove(drive);
            overlay.ifPresent(node -> drives.put(node, drive));
        }
    }

    /** An empty one is refused by qemu, in the words that it has for a job without a name. */
    private String name(String device) {
        return graph.drive(device).isPresent() ? device : drives.getOrDefault(device, "");
    }
}
