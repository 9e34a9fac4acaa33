/**
 * A disk that joins a running VM. Here may live how its options are read, and the arguments of the commands for them; not
 * the dialogue with qemu.
 */
@NullMarked
package labeler.vm.qemu.hotplug;

import org.jspecify.annotations.NullMarked;
