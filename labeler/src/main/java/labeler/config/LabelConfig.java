package labeler.config;

import java.nio.file.Path;
import java.util.Optional;
import labeler.lifecycle.Enforcement;
import labeler.plan.Passing;

/**
 * How labels are chosen.
 *
 * @param contextsDirectory where {@code virtual_domain_context} and {@code virtual_image_context} are; empty for the
 *     directory of the policy that /etc/selinux/config names
 * @param enforcement whether a VM may start that nothing would confine
 * @param unlabelled what becomes of libvirt's domains with files that carry no label
 */
public record LabelConfig(Optional<Path> contextsDirectory, Enforcement enforcement, Unlabelled unlabelled) {
    /** What becomes of a domain of libvirt's with files on a file system that carries no labels. */
    public enum Unlabelled {
        /** It does not start. */
        REFUSE,
        /** It starts, and those files are left as they are. */
        LEAVE
    }

    public static final LabelConfig DEFAULT =
            new LabelConfig(Optional.empty(), Enforcement.REQUIRED, Unlabelled.REFUSE);

    public Passing domains() {
        return switch (unlabelled) {
            case REFUSE ->
                new Passing.Impossible("libvirt has its qemu open files by itself, and nothing would set VMs apart"
                        + " there: run this VM with labeler run");
            case LEAVE -> new Passing.Left();
        };
    }
}
