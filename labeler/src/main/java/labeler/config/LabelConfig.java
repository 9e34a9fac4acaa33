package labeler.config;

import java.nio.file.Path;
import java.util.Optional;
import labeler.lifecycle.Enforcement;

/**
 * How labels are chosen.
 *
 * @param contextsDirectory where {@code virtual_domain_context} and {@code virtual_image_context} are; empty for the
 *     directory of the policy that /etc/selinux/config names
 */
public record LabelConfig(Optional<Path> contextsDirectory, Enforcement enforcement) {
    public static final LabelConfig DEFAULT = new LabelConfig(Optional.empty(), Enforcement.REQUIRED);
}
