/** What stands in the way of a VM, in words for people and for scripts. */
@NullMarked
package labeler.problem;

import org.jspecify.annotations.NullMarked;
