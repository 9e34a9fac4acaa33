/**
 * The end of a VM: asked for, noticed or found after a crash, and what its files get back.
 * Nothing here starts anything.
 */
@NullMarked
package labeler.lifecycle.stop;

import org.jspecify.annotations.NullMarked;
