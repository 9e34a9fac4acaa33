/** How tests wait for a state that comes by itself. Tests of every room may use it. */
@NullMarked
package labeler.waiting;

import org.jspecify.annotations.NullMarked;
