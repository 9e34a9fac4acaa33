package labeler.review;

import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import labeler.reference.ImageHold;
import labeler.reference.KnownImage;
import labeler.vm.VmName;

/**
 * Images whose headers are to be read again, since a VM no longer holds them.
 *
 * @param images with the holds that end
 */
public record Review(VmName vm, List<KnownImage> images) {
    public Review {
        images = List.copyOf(images);
    }

    /** The review of only these images. */
    public Review only(Predicate<KnownImage> wanted) {
        return new Review(vm, images.stream().filter(wanted).toList());
    }

    /** The review of the images of one hold, which ends that hold alone. */
    public Review of(ImageHold hold) {
        return holding(hold::equals);
    }

    /** The review without these holds, and without images that nothing else holds. */
    Review without(Set<String> tokens) {
        return holding(hold -> !tokens.contains(hold.token()));
    }

    private Review holding(Predicate<ImageHold> kept) {
        return new Review(
                vm,
                images.stream()
                        .map(image -> image.holding(kept))
                        .filter(image -> !image.holds().isEmpty())
                        .toList());
    }

    /** The same review, but it ends no hold: the VM's process may still write the images. */
    public Review endingNothing() {
        return new Review(vm, images.stream().map(KnownImage::withoutHolds).toList());
    }
}
