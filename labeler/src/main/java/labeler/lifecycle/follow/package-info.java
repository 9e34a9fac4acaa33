/**
 * The files of a VM that runs: taken before a command of its monitor needs them, and let go when qemu has. Nothing here
 * knows a command.
 */
@NullMarked
package labeler.lifecycle.follow;

import org.jspecify.annotations.NullMarked;
