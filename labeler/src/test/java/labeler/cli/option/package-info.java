/** The text of values on the command line. */
@NullMarked
package labeler.cli.option;

import org.jspecify.annotations.NullMarked;
