/** What tests need of the machine. Tests of every room may use it. */
@NullMarked
package labeler.needs;

import org.jspecify.annotations.NullMarked;
