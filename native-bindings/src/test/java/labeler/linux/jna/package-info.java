/** Tests of the real kernel's side. */
@NullMarked
package labeler.linux.jna;

import org.jspecify.annotations.NullMarked;
