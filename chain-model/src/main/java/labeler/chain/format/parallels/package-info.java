/** Parallels' expandable disks. */
@NullMarked
package labeler.chain.format.parallels;

import org.jspecify.annotations.NullMarked;
