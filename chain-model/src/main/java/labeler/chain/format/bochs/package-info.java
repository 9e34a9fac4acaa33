/** Bochs' growing disks. */
@NullMarked
package labeler.chain.format.bochs;

import org.jspecify.annotations.NullMarked;
