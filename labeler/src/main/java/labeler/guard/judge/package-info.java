/**
 * The judge of a VM that runs: takes files before qemu needs them, and lets them go when qemu has. It asks qemu and
 * waits. What makes sense by the command, its names and the state is decided in {@code labeler.guard.sense}; what only
 * the files themselves, descriptors or qemu's answers show (S2, S10 to S13, S15), here. Nothing here reads the
 * text of a monitor.
 */
@NullMarked
package labeler.guard.judge;

import org.jspecify.annotations.NullMarked;
