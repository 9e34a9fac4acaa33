/**
 * The text of a monitor, as qemu reads it: bytes become tokens, tokens become values. Nothing here knows a command.
 */
@NullMarked
package labeler.guard.wire;

import org.jspecify.annotations.NullMarked;
