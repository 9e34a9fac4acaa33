/** What to do with each file. Pure: no I/O, only facts and rules. */
@NullMarked
package labeler.plan;

import org.jspecify.annotations.NullMarked;
