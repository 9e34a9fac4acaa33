/** Values that commands take on the command line, and how their text is read. No command is here. */
@NullMarked
package labeler.cli.option;

import org.jspecify.annotations.NullMarked;
