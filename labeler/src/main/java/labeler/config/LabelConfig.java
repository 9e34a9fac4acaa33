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
 */
public record LabelConfig(Optional<Path> contextsDirectory, Enforcement enforcement, Unlabelled unlabelled) {
    /** The handling of a libvirt domain with files on a file system that carries no labels. */
    public enum Unlabelled {
        /** It does not start. */
        REFUSE,
        /** It starts, and those files stay as they are. */
        LEAVE
    }

    public static final LabelConfig DEFAULT =
            new LabelConfig(Optional.empty(), Enforcement.REQUIRED, Unlabelled.REFUSE);

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
