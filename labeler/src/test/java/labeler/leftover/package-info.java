/** Scans, on a kernel in memory. */
@NullMarked
package labeler.leftover;

import org.jspecify.annotations.NullMarked;
