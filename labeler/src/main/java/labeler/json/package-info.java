/** JSON as a value: bounded on the way in, no reflection either way. */
@NullMarked
package labeler.json;

import org.jspecify.annotations.NullMarked;
