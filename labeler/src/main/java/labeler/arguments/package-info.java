/** Arguments of both programs, in the bytes in which they were given. */
@NullMarked
package labeler.arguments;

import org.jspecify.annotations.NullMarked;
