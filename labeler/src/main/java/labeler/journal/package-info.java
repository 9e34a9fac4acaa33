/** The durable record: labels applied, originals, holders. */
@NullMarked
package labeler.journal;

import org.jspecify.annotations.NullMarked;
