package labeler.survey;

/**
 * A file of a VM.
 *
 * @param image whether it is a part of a disk
 * @param written whether the VM may write it
 * @param shareable whether the definition says that other VMs may do so as well
 * @param now whether a process has it, and not the definition for the next start alone
 * @param handedOver whether it has it by a descriptor of labeler's: other means than its label keep it from other VMs
 */
public record VmFileFacts(
        FileFacts file, boolean image, boolean written, boolean shareable, boolean now, boolean handedOver) {
    /** One that the VM opens itself. */
    public VmFileFacts(FileFacts file, boolean image, boolean written, boolean shareable, boolean now) {
        this(file, image, written, shareable, now, false);
    }
}
