/** VHD of Virtual PC and Hyper-V, which qemu calls vpc. */
@NullMarked
package labeler.chain.format.vpc;

import org.jspecify.annotations.NullMarked;
