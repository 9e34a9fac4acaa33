/** qemu's command line: which option names which file. */
@NullMarked
package labeler.vm.qemu;

import org.jspecify.annotations.NullMarked;
