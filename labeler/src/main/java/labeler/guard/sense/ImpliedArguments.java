package labeler.guard.sense;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import labeler.guard.graph.BlockDevice;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * Arguments that qemu takes from its own state where a client gives none, or gives the name of a drive. They are written
 * into the command before it is judged, so that qemu does what was judged.
 */
public final class ImpliedArguments {
    /** The argument that says what a {@code blockdev-change-medium} does to its file. */
    static final String MODE = "read-only-mode";

    static final String READ_ONLY = "read-only";
    private static final String READ_WRITE = "read-write";
    private static final String RETAIN = "retain";

    private ImpliedArguments() {}

    /** The same command with those arguments. */
    public static Command written(Command command, BlockGraph graph) {
        String name = command.name();
        if (name.equals("blockdev-change-medium")) {
            return with(command, medium(command.arguments(), graph));
        }
        return JobNames.mayHave(name) ? with(command, new JobNames(graph).named(name, command.arguments())) : command;
    }

    private static Command with(Command command, JsonObject arguments) {
        return new Command(command.name(), arguments, command.isOutOfBand(), command.id());
    }

    /**
     * qemu opens a medium as the one before. Of a drive without one it does not tell how that was, and most were for
     * writing: a CD-ROM gets its medium for reading, and any other drive for writing.
     */
    private static JsonObject medium(JsonObject arguments, BlockGraph graph) {
        if (!arguments.get(MODE).orElse(Json.of(RETAIN)).equals(Json.of(RETAIN))) {
            return arguments;
        }
        Optional<BlockDevice> drive = drive(arguments, graph);
        boolean isRead = drive.map(BlockDevice::node)
                .flatMap(graph::node)
                .map(Node::isReadOnly)
                .orElseGet(() -> drive.filter(BlockDevice::hasTray).isPresent());
        return with(arguments, MODE, Json.of(isRead ? READ_ONLY : READ_WRITE));
    }

    private static Optional<BlockDevice> drive(JsonObject arguments, BlockGraph graph) {
        return arguments
                .text("id")
                .flatMap(graph::atDevice)
                .or(() -> arguments.text("device").flatMap(graph::atDrive));
    }

    static JsonObject with(JsonObject object, String key, Json value) {
        Map<String, Json> members = new LinkedHashMap<>(object.members());
        members.put(key, value);
        return new JsonObject(members);
    }
}
