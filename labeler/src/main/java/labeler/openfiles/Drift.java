package labeler.openfiles;

import labeler.linux.FileIdentity;
import labeler.linux.HostPath;

/** A file that a process has open and should not, or should have open and has not. */
public sealed interface Drift {
    /** One word, in JSON and for people. */
    default String kind() {
        return switch (this) {
            case NotOpen _ -> "not-open";
            case Writable _ -> "writable";
            case Foreign _ -> "foreign";
        };
    }

    /** One line. */
    default String message() {
        return switch (this) {
            case NotOpen(HostPath path, OpenMode handed) ->
                path + ": handed over " + handed
                        + ", and qemu does not have it open so any more; if a disk is just being"
                        + " attached or detached, look again";
            case Writable(HostPath path, int descriptor) ->
                path + ": the VM only reads it, and descriptor " + descriptor + " can write it";
            case Foreign(int descriptor, HostPath file, FileIdentity _, String reason) ->
                "descriptor " + descriptor + " is on " + file + ", which is none of this VM's files: " + reason;
        };
    }

    /** Whether both are about one file. Its descriptor is the process's own choice, and so is its name, by a hard link. */
    default boolean isSame(Drift other) {
        return switch (this) {
            case NotOpen _ -> equals(other);
            case Writable(HostPath path, int _) ->
                other instanceof Writable second && second.path().equals(path);
            case Foreign foreign ->
                other instanceof Foreign second && second.identity().equals(foreign.identity());
        };
    }

    /** A file that was handed over is no longer open in this mode. */
    record NotOpen(HostPath path, OpenMode handed) implements Drift {}

    /** A file that the VM only reads is open for writing. */
    record Writable(HostPath path, int descriptor) implements Drift {}

    /**
     * A file that does not belong to the VM.
     *
     * @param file its name, as the kernel shows it
     * @param identity without birth time
     * @param reason why it matters
     */
    record Foreign(int descriptor, HostPath file, FileIdentity identity, String reason) implements Drift {}
}
