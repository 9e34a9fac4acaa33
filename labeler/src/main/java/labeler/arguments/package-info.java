/** Arguments of both programs, in the bytes in which they were given. Nothing here knows a command. */
@NullMarked
package labeler.arguments;

import org.jspecify.annotations.NullMarked;
