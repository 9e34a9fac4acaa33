/**
 * JSON as a value, and records written and read as such: bounded on the way in, and nothing thrown for it.
 * Nothing here knows what a value means.
 */
@NullMarked
package labeler.json;

import org.jspecify.annotations.NullMarked;
