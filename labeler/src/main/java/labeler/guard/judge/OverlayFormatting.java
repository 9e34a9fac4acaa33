package labeler.guard.judge;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Job;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;

/**
 * Writes the header of a new image that qemu knows by a descriptor set alone. qemu would write the name of the image
 * below as it knows it, which is the name of a set as well; here the header gets the true name.
 */
record OverlayFormatting(QemuDialogue qemu, VmState state) {
    static final String NAME = "labeler-overlay";

    /**
     * Formats an overlay.
     *
     * @param command with the name of its set
     * @return whether it has its header
     */
    boolean format(Meaning.Overlay overlay, Command command) {
        Node below = overlay.below();
        return set(command.arguments(), overlay.file())
                .filter(set -> format(set, overlay.format(), below, Optional.of(below)))
                .isPresent();
    }

    /**
     * Formats a new image that a disk is copied to.
     *
     * @param set the name of its set
     * @return whether it has its header
     */
    boolean format(Meaning.Copy copy, String set) {
        return format(set, copy.format(), copy.source(), copy.below());
    }

    /**
     * Gives a raw image, which has no header, the length of the disk that is copied to it.
     *
     * @param name of its node
     * @return whether it has that
     */
    boolean resize(Meaning.Copy copy, String name) {
        return size(copy.source())
                .flatMap(size -> qemu.ask(
                        "block_resize",
                        Json.object().put("node-name", name).put("size", size).build()))
                .isPresent();
    }

    private boolean format(String set, ImageFormat format, Node like, Optional<Node> below) {
        Optional<Long> size = size(like);
        Optional<HostPath> file = below.flatMap(state.nodes()::image);
        if (size.isEmpty() || file.isPresent() != below.isPresent()) {
            return false;
        }
        Json.ObjectBuilder node = Json.object()
                .put("driver", "file")
                .put("node-name", NAME)
                .put("filename", set)
                .put("cache", Json.object().put("direct", like.isDirect()).build());
        if (qemu.ask("blockdev-add", node.build()).isEmpty()) {
            return false;
        }
        Json.ObjectBuilder options =
                Json.object().put("driver", format.driver()).put("file", NAME).put("size", size.get());
        below.ifPresent(image -> options.put(
                        "backing-file", new String(file.orElseThrow().bytes(), StandardCharsets.UTF_8))
                .put("backing-fmt", image.driver()));
        boolean isMade = create(options.build());
        return qemu.removeNode(NAME) instanceof QemuDialogue.Done && isMade;
    }

    private boolean create(JsonObject options) {
        JsonObject arguments =
                Json.object().put("job-id", NAME).put("options", options).build();
        if (qemu.ask("blockdev-create", arguments).isEmpty()) {
            return false;
        }
        boolean isDone = isConcluded();
        return qemu.dismiss(NAME) instanceof QemuDialogue.Done && isDone;
    }

    /** Formatting writes a few clusters. A file system that hangs must not keep the judge for ever. */
    private boolean isConcluded() {
        long deadline = System.nanoTime() + qemu.patience().toNanos();
        while (System.nanoTime() < deadline) {
            Optional<Json> jobs = qemu.ask("query-jobs", Json.object().build());
            Optional<JsonObject> job = jobs.orElse(Json.nothing()).objects().stream()
                    .filter(one -> one.text("id").equals(Optional.of(NAME)))
                    .findFirst();
            if (job.isEmpty()) {
                return false;
            }
            if (job.get().text("status").equals(Optional.of(Job.CONCLUDED))) {
                return job.get().get("error").isEmpty();
            }
        }
        return false;
    }

    private Optional<Long> size(Node node) {
        JsonObject flat = Json.object().put("flat", true).build();
        return qemu.ask("query-named-block-nodes", flat).orElse(Json.nothing()).objects().stream()
                .filter(one -> one.text("node-name").equals(Optional.of(node.name())))
                .findFirst()
                .flatMap(one -> one.get("image").orElse(Json.nothing()) instanceof JsonObject image
                        ? image.number("virtual-size")
                        : Optional.empty());
    }

    /** The set by which the command names the file. */
    private Optional<String> set(Json json, HostPath file) {
        return switch (json) {
            case JsonObject object ->
                object.text("snapshot-file")
                        .filter(name -> state.isSetOf(name, file))
                        .or(() -> object.members().values().stream()
                                .flatMap(member -> set(member, file).stream())
                                .findFirst());
            case JsonArray(List<Json> elements) ->
                elements.stream()
                        .flatMap(element -> set(element, file).stream())
                        .findFirst();
            case Json _ -> Optional.empty();
        };
    }
}
