package labeler.disk;

import java.util.function.Function;
import labeler.disk.Instruction.NotPossible;
import labeler.disk.Instruction.Possible;

/** Something to be done with a disk. */
public sealed interface Operation permits Snapshot, Commit, StreamIn, Mirror, Backup, Insert, Eject {
    /** The word of the command line. */
    default String word() {
        return switch (this) {
            case Snapshot _ -> "snapshot";
            case Commit _ -> "commit";
            case StreamIn _ -> "stream";
            case Mirror _ -> "mirror";
            case Backup _ -> "backup";
            case Insert _ -> "insert";
            case Eject _ -> "eject";
        };
    }

    /** Finds the disk, and makes the instruction for it. */
    default Instruction.Result instruction(Drives drives, String disk, Names names) {
        return drives.find(disk)
                .map(drive -> instruction(drive, names))
                .orElseGet(() -> new NotPossible("no disk " + disk + "; there are: " + drives.shown()));
    }

    /** The instruction for a drive. */
    Instruction.Result instruction(Drive drive, Names names);

    /** A drive without a medium has no images to work on. */
    default Instruction.Result withMedium(Drive drive, Function<String, Instruction.Result> made) {
        return drive.node()
                .filter(_ -> !drive.chain().isEmpty())
                .map(made)
                .orElseGet(() -> new NotPossible("drive " + drive.shown() + " has no medium"));
    }

    /** The instruction for this drive. */
    static Possible possible(Drive drive, Instruction instruction) {
        return new Possible(drive, instruction);
    }
}
