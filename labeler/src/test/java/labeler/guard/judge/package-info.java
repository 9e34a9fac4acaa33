/** The judge before a real qemu, with real files and attributes. */
@NullMarked
package labeler.guard.judge;

import org.jspecify.annotations.NullMarked;
