/** Labels that somebody else set for a VM and left behind, and what files are to have in their place. */
@NullMarked
package labeler.leftover;

import org.jspecify.annotations.NullMarked;
