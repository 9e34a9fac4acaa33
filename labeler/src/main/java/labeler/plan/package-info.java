/** Decides what to do with each file, from facts and rules. Nothing here does I/O. */
@NullMarked
package labeler.plan;

import org.jspecify.annotations.NullMarked;
