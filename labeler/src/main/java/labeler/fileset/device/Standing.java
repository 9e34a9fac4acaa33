package labeler.fileset.device;

/** Who may use a device node of the host. */
public sealed interface Standing {
    /** One VM at a time: its label is that VM's. */
    record OfOneVm() implements Standing {}

    /**
     * Many processes at once: it is never labelled for one VM.
     *
     * @param reason in words, for the plan
     */
    record OfMany(String reason) implements Standing {}

    /**
     * No VM, unless the settings say so.
     *
     * @param message the reason, and the way out
     */
    record OfNoVm(String message) implements Standing {}

    /** The kernel has no device for it. */
    record Unknown() implements Standing {}
}
