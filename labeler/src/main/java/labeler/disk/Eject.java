package labeler.disk;

import java.util.Optional;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;

/**
 * The medium of a drive is taken out.
 *
 * @param isForced also if the guest has locked the drive
 */
public record Eject(boolean isForced) implements Operation {
    @Override
    public Instruction.Result instruction(Drive drive, Names names) {
        return withMedium(
                drive,
                _ -> Operation.possible(
                        drive,
                        new Instruction(
                                "eject",
                                drive.arguments()
                                        .put("force", Json.of(isForced))
                                        .build(),
                                Optional.empty(),
                                WhenReady.NOTHING,
                                Optional.empty(),
                                Optional.of(after -> after.node().isEmpty()),
                                "the drive is empty")));
    }
}
