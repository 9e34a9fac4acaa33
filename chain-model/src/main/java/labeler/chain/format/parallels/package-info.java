/** Parallels' expandable disks. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.parallels;

import org.jspecify.annotations.NullMarked;
