/** Whether a command makes sense, from its words and the state before it. Opens nothing and asks nobody. */
@NullMarked
package labeler.guard.sense;

import org.jspecify.annotations.NullMarked;
