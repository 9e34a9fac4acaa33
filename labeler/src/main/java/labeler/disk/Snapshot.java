package labeler.disk;

import java.util.Optional;
import labeler.json.Json;

/**
 * A new image above those of a disk, which takes all writes from now on.
 *
 * @param file in full
 * @param format of the new image
 */
public record Snapshot(String file, String format) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return withMedium(
                drive,
                top -> Operation.possible(
                        drive,
                        new Instruction(
                                "blockdev-snapshot-sync",
                                Json.object()
                                        .put("node-name", top)
                                        .put("snapshot-file", file)
                                        .put("snapshot-node-name", names.node())
                                        .put("format", format)
                                        .put("mode", "absolute-paths")
                                        .build(),
                                Optional.empty(),
                                Instruction.WhenReady.NOTHING,
                                Optional.of(file),
                                Optional.of(after -> after.node().equals(Optional.of(names.node()))),
                                "writes go to " + file + "; "
                                        + drive.chain().getFirst().file() + " stays as it is")));
    }
}
