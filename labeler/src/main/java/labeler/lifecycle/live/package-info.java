/** Puts the rooms together over a real kernel and journal. Nothing here decides. */
@NullMarked
package labeler.lifecycle.live;

import org.jspecify.annotations.NullMarked;
