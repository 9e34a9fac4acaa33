/**
 * What is held for which VM: the record in memory and on disk, claims, the way of a file into a hold and out of it.
 * Nothing here knows a start, a stop or a disk.
 */
@NullMarked
package labeler.lifecycle.hold;

import org.jspecify.annotations.NullMarked;
