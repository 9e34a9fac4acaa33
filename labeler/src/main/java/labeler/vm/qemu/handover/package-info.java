/**
 * Descriptors, and copies, in place of names. Here may live what puts them into a command line that was read; not what an
 * option or a driver means, and nothing that opens a file.
 */
@NullMarked
package labeler.vm.qemu.handover;

import org.jspecify.annotations.NullMarked;
