/**
 * The monitors of a command line: which a guard can serve, and which lead around it. Here may live what an option makes
 * of a monitor; not the guard.
 */
@NullMarked
package labeler.vm.qemu.monitor;

import org.jspecify.annotations.NullMarked;
