/** JSON as a value: bounded on the way in, no reflection either way. Nothing here knows what a value means. */
@NullMarked
package labeler.json;

import org.jspecify.annotations.NullMarked;
