package labeler.disk;

import java.util.Optional;
import labeler.disk.Instruction.WhenReady;

/**
 * A medium for a drive, in place of the one that it has.
 *
 * @param file in full
 * @param isWritable whether the guest may write to it
 */
public record Insert(String file, String format, boolean isWritable) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return Operation.possible(
                drive,
                new Instruction(
                        "blockdev-change-medium",
                        drive.arguments()
                                .put("filename", file)
                                .put("format", format)
                                .put("read-only-mode", isWritable ? "read-write" : "read-only")
                                .build(),
                        Optional.empty(),
                        WhenReady.NOTHING,
                        Optional.empty(),
                        Optional.of(after -> !after.chain().isEmpty()
                                && after.chain().getFirst().file().equals(file)),
                        file + " is in the drive"));
    }
}
