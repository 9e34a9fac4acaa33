@NullMarked
package labeler.vm.qemu.monitor;

import org.jspecify.annotations.NullMarked;
