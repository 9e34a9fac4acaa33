/** Reads headers again when a VM can write them no more, and keeps on record what they referred to. */
@NullMarked
package labeler.review;

import org.jspecify.annotations.NullMarked;
