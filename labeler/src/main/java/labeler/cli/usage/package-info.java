/** How commands are explained: what is wrong with a command line, and an example of each. Nothing here runs a command. */
@NullMarked
package labeler.cli.usage;

import org.jspecify.annotations.NullMarked;
