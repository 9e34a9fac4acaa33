package labeler.openfiles;

import java.util.List;

/** A look at a process's open files. */
public sealed interface Look {
    /**
     * All of the process's descriptors.
     *
     * @param labelsShown whether the kernel shows which mounts store labels, as it does if SELinux is active
     */
    record Seen(List<OpenDescriptor> descriptors, boolean labelsShown) implements Look {
        public Seen {
            descriptors = List.copyOf(descriptors);
        }
    }

    /**
     * Nothing is known.
     *
     * @param why in a few words
     */
    record NotSeen(String why, Cause cause) implements Look {}

    /** Why nothing is known. Only the first says anything about the process. */
    enum Cause {
        /** No process is to be seen. */
        NO_PROCESS,
        /** Another user might have seen something. */
        NOT_PERMITTED,
        /** The look at a process that runs did not succeed, and the process itself may have seen to that. */
        FAILED
    }
}
