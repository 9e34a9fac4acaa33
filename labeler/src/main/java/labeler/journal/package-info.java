/**
 * The durable record: VMs, files with their labels and originals, known images.
 * Nothing here sets a label or decides on one, and nobody else knows SQL.
 */
@NullMarked
package labeler.journal;

import org.jspecify.annotations.NullMarked;
