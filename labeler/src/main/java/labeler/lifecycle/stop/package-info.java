/**
 * The end of a VM: asked for, noticed or found after a crash, and the second try of what failed at it. Nothing here
 * starts anything, or takes a file.
 */
@NullMarked
package labeler.lifecycle.stop;

import org.jspecify.annotations.NullMarked;
