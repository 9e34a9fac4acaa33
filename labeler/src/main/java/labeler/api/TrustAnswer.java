package labeler.api;

import java.util.List;
import labeler.chain.FileName;
import labeler.chain.Role;
import labeler.linux.HostPath;
import labeler.reference.Provenance;
import labeler.review.TrustOutcome;

/**
 * What was accepted, or would be.
 *
 * @param recorded whether it was
 */
public record TrustAnswer(boolean recorded, List<Image> images) {
    public TrustAnswer {
        images = List.copyOf(images);
    }

    /** An image, with the references of its header. */
    public record Image(HostPath path, String format, List<Reference> references) {
        public Image {
            references = List.copyOf(references);
        }

        private static Image of(TrustOutcome.Image image) {
            return new Image(
                    image.path(),
                    image.format().driver(),
                    image.references().stream().map(Reference::of).toList());
        }
    }

    /**
     * A reference in a header.
     *
     * @param name in the words of the header, printable where no file can have it
     * @param format empty where the header records none
     * @param before where it came from by the record so far, or {@code unknown}
     */
    public record Reference(Role role, FileName name, String format, String before) {
        private static Reference of(TrustOutcome.Named named) {
            FileName name = named.reference().name();
            return new Reference(
                    named.reference().role(),
                    HostPath.parse(name.bytes()).isPresent() ? name : FileName.of(name.printable()),
                    named.reference().format(),
                    named.before().map(Provenance::word).orElse("unknown"));
        }
    }

    public static TrustAnswer of(TrustOutcome.Trusted trusted, boolean dryRun) {
        return new TrustAnswer(!dryRun, trusted.images().stream().map(Image::of).toList());
    }
}
