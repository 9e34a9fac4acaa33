package labeler.review;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import labeler.linux.FileIdentity;
import labeler.reference.KnownImage;

/**
 * The moments at which VMs let go of their images. A header that was read before such a moment may be the VM's doing, though
 * nobody holds the image by now. Images of one inode number count as one; a moment that is forgotten counts for all.
 */
final class EndedHolds {
    /** More than end while a request is under way. */
    private static final int MOST = 10_000;

    /** In the order of the moments, in the time of {@link System#nanoTime}. */
    private final SequencedMap<Long, Long> moments = new LinkedHashMap<>();

    private long forgotten = System.nanoTime();

    /** To be called before the holds go off the record: whoever finds none there finds this. */
    synchronized void now(Collection<KnownImage> images) {
        long now = System.nanoTime();
        for (KnownImage image : images) {
            moments.remove(image.identity().inode());
            moments.put(image.identity().inode(), now);
        }
        while (moments.size() > MOST) {
            forgotten = moments.pollFirstEntry().getValue();
        }
    }

    /** Whether a hold of this image ended after that moment. */
    synchronized boolean isSince(FileIdentity image, long moment) {
        Long ended = moments.get(image.inode());
        return (ended != null && ended - moment >= 0) || forgotten - moment > 0;
    }
}
