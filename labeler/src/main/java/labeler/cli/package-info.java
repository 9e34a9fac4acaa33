/** The command line. */
@NullMarked
package labeler.cli;

import org.jspecify.annotations.NullMarked;
