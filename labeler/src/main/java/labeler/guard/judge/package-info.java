/**
 * The judge of a VM that runs: takes files before qemu needs them, and lets them go when qemu has. It asks qemu and
 * waits; what makes sense is decided in {@code labeler.guard.sense}.
 */
@NullMarked
package labeler.guard.judge;

import org.jspecify.annotations.NullMarked;
