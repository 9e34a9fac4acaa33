/**
 * The text of one argument of a command line: bytes, settings, JSON. Here may live how an argument is read and written;
 * not what any option, driver or key means.
 */
@NullMarked
package labeler.vm.qemu.text;

import org.jspecify.annotations.NullMarked;
