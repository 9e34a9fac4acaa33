package labeler.vm;

/** Who starts a VM. It tells who labels the files that the VM takes while it runs, and how its end is noticed. */
public enum StartedBy {
    /** {@code labeler run}, or a program of the caller's own. */
    LAUNCHER,
    /** libvirt, which labels nothing for this domain. */
    LIBVIRT,
    /** libvirt, which labels the files of this domain itself. */
    LABELLING_LIBVIRT;

    /** Whether it is a domain of libvirt's. */
    public boolean isLibvirt() {
        return this != LAUNCHER;
    }

    /** Whether another program labels what the VM takes while it runs: two would undo each other's work. */
    public boolean labels() {
        return this == LABELLING_LIBVIRT;
    }
}
