/** VHD of Virtual PC and Hyper-V, which qemu calls vpc. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.vpc;

import org.jspecify.annotations.NullMarked;
