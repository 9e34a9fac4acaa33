/**
 * Compares what a qemu has open with what it should have, and looks at another process for that.
 * Nothing here opens a file of a VM.
 */
@NullMarked
package labeler.openfiles;

import org.jspecify.annotations.NullMarked;
