/**
 * The client of qemu's monitor protocol: what comes from qemu is hostile, and bounded in size and in time.
 * Nothing here knows a block node.
 */
@NullMarked
package labeler.qmp;

import org.jspecify.annotations.NullMarked;
