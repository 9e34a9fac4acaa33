/** Bochs' growing disks. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.bochs;

import org.jspecify.annotations.NullMarked;
