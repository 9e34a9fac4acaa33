/**
 * qemu's command line, as a staircase of packages: text, block, option, then monitor, handover and hotplug. Each knows
 * only those before it. Nothing lives in this package itself.
 */
@NullMarked
package labeler.vm.qemu;

import org.jspecify.annotations.NullMarked;
