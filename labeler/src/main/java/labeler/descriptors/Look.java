package labeler.descriptors;

import java.util.List;

/** A look at what a process has open. */
public sealed interface Look {
    /**
     * This is all.
     *
     * @param labelsShown whether the kernel shows which mounts store labels: where SELinux is active
     */
    record Seen(List<OpenDescriptor> descriptors, boolean labelsShown) implements Look {
        public Seen {
            descriptors = List.copyOf(descriptors);
        }
    }

    /**
     * Nothing can be said.
     *
     * @param why in a few words
     */
    record NotSeen(String why) implements Look {}
}
