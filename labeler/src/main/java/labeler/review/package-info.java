/**
 * Reads headers again when a VM can write them no more, and keeps on record what they referred to.
 * Nothing here judges; {@code labeler.reference} does.
 */
@NullMarked
package labeler.review;

import org.jspecify.annotations.NullMarked;
