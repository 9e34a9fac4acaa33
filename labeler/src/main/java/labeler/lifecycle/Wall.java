package labeler.lifecycle;

import labeler.problem.Worded;

/** A mechanism of the kernel that confines a VM's process. */
public enum Wall implements Worded {
    SELINUX,
    LANDLOCK,
    /** Opening is denied, and the files were handed over as descriptors. */
    DESCRIPTORS
}
