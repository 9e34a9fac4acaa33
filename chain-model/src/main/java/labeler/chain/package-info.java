/** Which files does a disk image name? */
@NullMarked
package labeler.chain;

import org.jspecify.annotations.NullMarked;
