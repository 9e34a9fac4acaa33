/** QED, qemu's enhanced disk. */
@NullMarked
package labeler.chain.format.qed;

import org.jspecify.annotations.NullMarked;
