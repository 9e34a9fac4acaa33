/** QED, qemu's enhanced disk. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.qed;

import org.jspecify.annotations.NullMarked;
