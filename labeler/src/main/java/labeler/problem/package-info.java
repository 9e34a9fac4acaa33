/** Problems that keep a VM from something, in words for people and for scripts. Nothing here finds a problem. */
@NullMarked
package labeler.problem;

import org.jspecify.annotations.NullMarked;
