package labeler.lifecycle;

import labeler.problem.Worded;

/** What the kernel enforces around a VM's process. */
public enum Wall implements Worded {
    SELINUX,
    LANDLOCK,
    /** Opening is denied, and the files were handed over as descriptors. */
    DESCRIPTORS
}
