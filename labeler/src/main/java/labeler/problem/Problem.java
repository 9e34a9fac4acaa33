package labeler.problem;

import java.util.Optional;
import labeler.linux.HostPath;

/**
 * A reason to refuse a VM, or a part of it.
 *
 * @param file the file concerned; empty for a problem of the definition or the host
 * @param message one line: the rule, and the way out
 */
public record Problem(Kind kind, Optional<HostPath> file, String message) {
    /** A problem of the definition or the host. */
    public static Problem of(Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }

    /** A problem of a file. */
    public static Problem of(Kind kind, HostPath file, String message) {
        return new Problem(kind, Optional.of(file), message);
    }

    /** The consequence for the command. docs/operations.md lists the exit codes. */
    public enum Severity {
        /** The input is unsafe or malformed (exit code 3). */
        REFUSED,
        /** The file or the label is in use by another VM (exit code 4). */
        CONFLICT,
        /** The host could not do it: I/O, no space, no more pairs (exit code 1). */
        FAILED,
        /** Somebody who has to agree does not answer (exit code 5). */
        UNREACHABLE
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
        /** A reference that is new since the image was last judged. A guest may have written it. */
        NEW_REFERENCE(Severity.REFUSED),
        /** A header names a file where no image of a VM is expected. */
        OUTSIDE_ROOTS(Severity.REFUSED),
        /** A header names a forbidden file: a device, a file of the host or the service, another user's file. */
        NOT_FROM_HEADER(Severity.REFUSED),
        /** The definition names one of this service's own files: its journal, a socket, its settings. */
        SERVICE_FILE(Severity.REFUSED),
        /** The VM would write what this host executes, or have its own program as a file. */
        PROGRAM_FILE(Severity.REFUSED),
        /** A part of the definition may name a file, and is not understood. */
        NOT_UNDERSTOOD(Severity.REFUSED),
        /** The definition itself cannot be read. */
        DEFINITION_MALFORMED(Severity.REFUSED),
        /** The same VM uses one file in two ways that need different labels. */
        CONTRADICTION(Severity.REFUSED),
        /** No label can be stored there, and qemu cannot take the file as a descriptor. */
        LABELS_UNAVAILABLE(Severity.REFUSED),
        /** Its label has the pair of an unknown VM, so its earlier label is also unknown. */
        LEFTOVER_LABEL(Severity.REFUSED),
        /** The kernel would enforce no confinement of the VM. */
        NO_WALL(Severity.REFUSED),
        /** The confinement is weaker, because the kernel is old. */
        WALL_INCOMPLETE(Severity.FAILED),
        /** Another VM uses the file in a way that excludes this VM. */
        IN_USE(Severity.CONFLICT),
        /** Another VM, or a process, has the level. */
        LEVEL_IN_USE(Severity.CONFLICT),
        /** A VM of that name already exists. */
        ALREADY_RUNNING(Severity.CONFLICT),
        /** A stopped VM's process has not ended. */
        STILL_RUNNING(Severity.CONFLICT),
        NO_FREE_PAIR(Severity.FAILED),
        LABEL_NOT_SET(Severity.FAILED),
        JOURNAL_FAILED(Severity.FAILED),
        PROCESS_ENDED(Severity.FAILED),
        /** A file system does not answer, or a request that waits for one blocks this one. */
        NOT_ANSWERING(Severity.FAILED),
        /** The registry of the hosts that share storage does not answer, or does not know this host. */
        NO_REGISTRY(Severity.UNREACHABLE),
        /** The loaded policy allows less or more than the labels intend. */
        KERNEL_DISAGREES(Severity.FAILED),
        /** The kernel cannot be asked: SELinux is not active, or there are too many questions. */
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
