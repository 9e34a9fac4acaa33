package labeler.problem;

import java.util.Optional;
import labeler.linux.HostPath;

/**
 * Why a VM is refused, or a part of it.
 *
 * @param file the file that it is about; empty where it is about the definition or the host
 * @param message one line: the rule, and the way out
 */
public record Problem(Kind kind, Optional<HostPath> file, String message) {
    /** One about the definition or the host. */
    public static Problem of(Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }

    /** One about a file. */
    public static Problem of(Kind kind, HostPath file, String message) {
        return new Problem(kind, Optional.of(file), message);
    }

    /** What follows for the command: docs/operations.md has the exit codes. */
    public enum Severity {
        /** The input is unsafe or malformed (exit code 3). */
        REFUSED,
        /** The file or the label is in use by another VM (exit code 4). */
        CONFLICT,
        /** The host could not do it: I/O, no space, no more pairs (exit code 1). */
        FAILED
    }

    /** The kinds, by the words of the JSON interface. */
    public enum Kind {
        MALFORMED(Severity.REFUSED),
        UNSUPPORTED(Severity.REFUSED),
        FORMAT_UNSPECIFIED(Severity.REFUSED),
        FORMAT_UNKNOWN(Severity.REFUSED),
        FORMAT_MISMATCH(Severity.REFUSED),
        AMBIGUOUS(Severity.REFUSED),
        LOOP(Severity.REFUSED),
        TOO_DEEP(Severity.REFUSED),
        TOO_MANY(Severity.REFUSED),
        MISSING(Severity.REFUSED),
        UNREADABLE(Severity.REFUSED),
        NOT_A_FILE(Severity.REFUSED),
        CHANGED(Severity.REFUSED),
        /** A reference that the image did not have when it was last judged, and that a guest may have written. */
        NEW_REFERENCE(Severity.REFUSED),
        /** A header names a file where no image of a VM is expected. */
        OUTSIDE_ROOTS(Severity.REFUSED),
        /** A header names what none may name: a device, a file of the host or the service, another user's file. */
        NOT_FROM_HEADER(Severity.REFUSED),
        /** The definition names a file of this service's own: its journal, a socket, its settings. */
        SERVICE_FILE(Severity.REFUSED),
        /** Something in the definition that may name a file, and is not understood. */
        NOT_UNDERSTOOD(Severity.REFUSED),
        /** The definition itself cannot be read. */
        DEFINITION_MALFORMED(Severity.REFUSED),
        /** The same VM uses one file in two ways that need different labels. */
        CONTRADICTION(Severity.REFUSED),
        /** No label can be stored there, and qemu cannot take the file as a descriptor. */
        LABELS_UNAVAILABLE(Severity.REFUSED),
        /** Its label has the pair of a VM that nobody knows, so that what it had before is not known either. */
        LEFTOVER_LABEL(Severity.REFUSED),
        /** Nothing that the kernel enforces would stand around the VM. */
        NO_WALL(Severity.REFUSED),
        /** A wall stands that an older kernel makes lower. */
        WALL_INCOMPLETE(Severity.FAILED),
        /** Another VM uses the file in a way that excludes this one. */
        IN_USE(Severity.CONFLICT),
        /** Another VM, or a process, has the level. */
        LEVEL_IN_USE(Severity.CONFLICT),
        /** A VM of that name is there already. */
        ALREADY_RUNNING(Severity.CONFLICT),
        /** A VM was stopped, and its process has not ended. */
        STILL_RUNNING(Severity.CONFLICT),
        NO_FREE_PAIR(Severity.FAILED),
        LABEL_NOT_SET(Severity.FAILED),
        JOURNAL_FAILED(Severity.FAILED),
        PROCESS_ENDED(Severity.FAILED),
        /** A file system does not answer, or somebody who waits for one has what is needed. */
        NOT_ANSWERING(Severity.FAILED),
        /** The loaded policy allows less, or more, than the labels are meant to. */
        KERNEL_DISAGREES(Severity.FAILED),
        /** The kernel cannot be asked: SELinux is not active, or it would be asked too much. */
        NOT_DECIDED(Severity.FAILED);

        private final Severity severity;

        Kind(Severity severity) {
            this.severity = severity;
        }

        public Severity severity() {
            return severity;
        }
    }
}
