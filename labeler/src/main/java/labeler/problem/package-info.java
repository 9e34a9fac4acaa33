/** What stands in the way of a VM, in words for people and for scripts. Nothing here finds a problem. */
@NullMarked
package labeler.problem;

import org.jspecify.annotations.NullMarked;
