/**
 * Labels that somebody else set for a VM and left behind, and what files are to have in their place.
 * Nothing here touches a label that a record explains.
 */
@NullMarked
package labeler.leftover;

import org.jspecify.annotations.NullMarked;
