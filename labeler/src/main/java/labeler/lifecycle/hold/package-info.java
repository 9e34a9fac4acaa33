/**
 * Files held for VMs: the record in memory and on disk, claims, how a file is acquired and released.
 * Nothing here knows a start, a stop or a disk.
 */
@NullMarked
package labeler.lifecycle.hold;

import org.jspecify.annotations.NullMarked;
