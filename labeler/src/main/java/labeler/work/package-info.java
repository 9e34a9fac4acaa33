/**
 * Work on the files of VMs, which may lie on a file system that never answers: it is done by threads of its own, so many
 * for each file system, and whoever asked for it waits only as long as the kernel keeps answering.
 */
@NullMarked
package labeler.work;

import org.jspecify.annotations.NullMarked;
