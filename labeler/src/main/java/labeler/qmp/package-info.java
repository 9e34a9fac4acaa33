/** The client of qemu's monitor protocol. What comes from qemu is hostile: bounded in size and in time. */
@NullMarked
package labeler.qmp;

import org.jspecify.annotations.NullMarked;
