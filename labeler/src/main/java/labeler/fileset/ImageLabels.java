package labeler.fileset;

import java.util.Optional;
import labeler.chain.ImageFile;
import labeler.linux.AttributeName;
import labeler.linux.ExtendedAttributes;
import labeler.linux.LinuxException;
import labeler.selinux.StoredLabel;

/** The security label of a file of a chain, in a form to print; empty if it has none, or none can be stored. */
@FunctionalInterface
public interface ImageLabels {
    Optional<String> of(ImageFile file);

    /** Reads labels through the descriptor that was parsed. */
    static ImageLabels in(ExtendedAttributes attributes) {
        return file -> file instanceof LinuxImage image ? read(attributes, image) : Optional.empty();
    }

    private static Optional<String> read(ExtendedAttributes attributes, LinuxImage image) {
        try {
            return attributes
                    .get(image.file(), AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable);
        } catch (LinuxException e) {
            // A report of an image's references is useful without the label: most often this file system has no labels.
            return Optional.empty();
        }
    }
}
