/**
 * The options of qemu: what each one names. Here may live what one option means, and the reading of a whole command line;
 * nothing that changes a command line.
 */
@NullMarked
package labeler.vm.qemu.option;

import org.jspecify.annotations.NullMarked;
