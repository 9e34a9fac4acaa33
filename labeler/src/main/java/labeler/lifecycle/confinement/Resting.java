package labeler.lifecycle.confinement;

import java.util.Optional;
import labeler.linux.FileType;
import labeler.plan.PlannedFile;
import labeler.plan.Sharing;
import labeler.plan.Treatment;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/**
 * How a VM's file is while no VM has it: one question to the kernel for all that are alike.
 *
 * @param context the label that it gets back
 * @param type a tree counts as the files in it
 */
record Resting(SecurityContext context, FileType type) {
    /** The level of files that no VM has: no pair covers all categories. */
    private static final String IDLE = "s0:c0.c1023";

    /**
     * Empty for a file that VMs only read: any VM may read it. And for a socket: at rest its program decides who connects.
     */
    static Optional<Resting> of(PlannedFile file) {
        if (file.treatment() != Treatment.LABEL || file.sharing() == Sharing.CONTENT) {
            return Optional.empty();
        }
        Optional<SecurityContext> context = file.original().flatMap(StoredLabel::context);
        // A file that is not there yet is made as a regular one.
        return switch (file.file().type().orElse(FileType.REGULAR)) {
            case SOCKET -> Optional.empty();
            case REGULAR, DIRECTORY, SYMBOLIC_LINK -> context.map(label -> new Resting(label, FileType.REGULAR));
            case BLOCK_DEVICE -> context.map(label -> new Resting(label, FileType.BLOCK_DEVICE));
            case CHARACTER_DEVICE -> context.map(label -> new Resting(label, FileType.CHARACTER_DEVICE));
            case FIFO -> context.map(label -> new Resting(label, FileType.FIFO));
        };
    }

    /**
     * That every VM may open it, and what to do. Suggests a level, not another type: libvirt and backups know the type. A
     * device node is made anew at each boot, and may have another's name then.
     *
     * @param more the number of files that are alike, without the one that the message is about
     */
    String openToAll(int more) {
        String wayOut = switch (type) {
            case BLOCK_DEVICE, CHARACTER_DEVICE ->
                "give it a level that no VM has, by a rule of udev: SECLABEL{selinux}=\""
                        + new SecurityContext(context.user(), context.role(), context.type(), IDLE) + "\"";
            case REGULAR, DIRECTORY, SYMBOLIC_LINK, FIFO, SOCKET ->
                "keep idle images at a level that no VM has: stop their VMs, semanage fcontext -a -t " + context.type()
                        + " -r " + IDLE + " 'DIRECTORY(/.*)?', restorecon -RF DIRECTORY";
        };
        return (more == 0 ? "" : "and " + more + " more: ") + "every VM may open it at rest, at " + context + "; "
                + wayOut;
    }
}
