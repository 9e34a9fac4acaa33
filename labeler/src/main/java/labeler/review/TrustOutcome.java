package labeler.review;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.reference.KnownImage;
import labeler.reference.Provenance;
import labeler.reference.ReadHeader;
import labeler.reference.WrittenReference;

/** The result of trusting an image. */
public sealed interface TrustOutcome {
    /** The references of the image and those below are believed from now on, or would be. The image comes first. */
    record Trusted(List<Image> images) implements TrustOutcome {
        public Trusted {
            images = List.copyOf(images);
        }
    }

    record NotTrusted(List<Problem> problems) implements TrustOutcome {
        public NotTrusted {
            problems = List.copyOf(problems);
        }
    }

    /** An image, with the references of its header. */
    record Image(HostPath path, ImageFormat format, List<Named> references) {
        public Image {
            references = List.copyOf(references);
        }

        static Image of(Optional<KnownImage> known, ReadHeader header) {
            return new Image(
                    header.path(),
                    header.format(),
                    header.references().stream()
                            .map(found -> new Named(
                                    found.reference(),
                                    known.flatMap(image -> Optional.ofNullable(
                                            image.references().get(found.reference())))))
                            .toList());
        }
    }

    /**
     * A reference.
     *
     * @param before its recorded source so far; empty for one that was not on record
     */
    record Named(WrittenReference reference, Optional<Provenance> before) {}
}
