package labeler.disk;

import java.util.Optional;
import java.util.function.Predicate;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;

/**
 * A whole copy of a disk in a new image, with what the guest writes meanwhile.
 *
 * @param file in full
 * @param isPivot whether the disk uses the copy from then on
 * @param speed bytes a second; 0 for no limit
 */
public record Mirror(String file, String format, boolean isPivot, long speed) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        Optional<Predicate<Drive>> isSeen =
                isPivot ? Optional.of(after -> after.node().equals(Optional.of(names.node()))) : Optional.empty();
        return withMedium(
                drive,
                root -> Operation.possible(
                        drive,
                        new Instruction(
                                "drive-mirror",
                                Json.object()
                                        .put("job-id", names.job(word()))
                                        .put("device", root)
                                        .put("target", file)
                                        .put("format", format)
                                        .put("node-name", names.node())
                                        .put("sync", "full")
                                        .put("mode", "absolute-paths")
                                        .put("speed", speed)
                                        .build(),
                                Optional.of(names.job(word())),
                                isPivot ? WhenReady.COMPLETE : WhenReady.END,
                                Optional.of(file),
                                isSeen,
                                isPivot
                                        ? "the disk is " + file + " now; "
                                                + Chains.files(drive.chain().subList(0, 1)) + " no longer used by it"
                                        : file + " is a copy; the disk is as before")));
    }
}
