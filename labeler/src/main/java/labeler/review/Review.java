package labeler.review;

import java.util.List;
import java.util.Set;
import labeler.reference.KnownImage;
import labeler.vm.VmName;

/**
 * Images whose headers are to be read again, since a VM holds them no more.
 *
 * @param images with the holds that end
 */
public record Review(VmName vm, List<KnownImage> images) {
    public Review {
        images = List.copyOf(images);
    }

    /** Without these holds, and without images that nothing else holds. */
    Review without(Set<String> tokens) {
        return new Review(
                vm,
                images.stream()
                        .map(image -> image.holding(hold -> !tokens.contains(hold.token())))
                        .filter(image -> !image.holds().isEmpty())
                        .toList());
    }

    /** The same look, which ends no hold: the VM's process may write the images still. */
    public Review endingNothing() {
        return new Review(vm, images.stream().map(KnownImage::withoutHolds).toList());
    }
}
