/** This machine, as a command sees it: its files, programs and processes. Nothing here prints, or knows a command. */
@NullMarked
package labeler.host;

import org.jspecify.annotations.NullMarked;
