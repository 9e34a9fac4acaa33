package labeler.config;

import java.nio.file.Path;
import java.util.Optional;
import labeler.lifecycle.Enforcement;
import labeler.plan.HandoverSupport;

/**
 * How labels are chosen.
 *
 * @param contextsDirectory the directory of {@code virtual_domain_context} and {@code virtual_image_context}; empty for
 *     the directory of the policy that /etc/selinux/config names
 * @param enforcement whether a VM may start without confinement
 * @param unlabelled handling of libvirt's domains with files that carry no label
 * @param treeFiles the number of files that a directory tree of a guest may have, {@link #FEWEST_TREE_FILES} to {@link
 *     #MOST_TREE_FILES}
 */
public record LabelConfig(
        Optional<Path> contextsDirectory, Enforcement enforcement, Unlabelled unlabelled, int treeFiles) {
    /** No trees at all. */
    public static final int FEWEST_TREE_FILES = 0;

    /** The table of such a tree takes 24 MB of disk, and up to 80 MB of the service's heap while it is made. */
    public static final int MOST_TREE_FILES = 1_000_000;

    /**
     * No trees: a hostile guest, or a local user, who can write in one can make much work of it, and can keep some of its
     * labels from being given back (docs/limitations.md).
     */
    private static final int USUAL_TREE_FILES = 0;

    /** The handling of a libvirt domain with files on a file system that carries no labels. */
    public enum Unlabelled {
        /** It does not start. */
        REFUSE,
        /** It starts, and those files stay as they are. */
        LEAVE
    }

    public static final LabelConfig DEFAULT =
            new LabelConfig(Optional.empty(), Enforcement.REQUIRED, Unlabelled.REFUSE, USUAL_TREE_FILES);

    public HandoverSupport domains() {
        return switch (unlabelled) {
            case REFUSE ->
                new HandoverSupport.Impossible(
                        "libvirt has its qemu open files by itself, and nothing would set VMs apart"
                                + " there: run this VM with labeler run");
            case LEAVE -> new HandoverSupport.Left();
        };
    }
}
