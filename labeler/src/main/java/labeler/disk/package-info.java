/**
 * Operations of people on the disks of a running VM: commands for its monitor, the jobs that these start, and the result as
 * the state of the disk shows it. Nothing here knows a label; the guard before the monitor does.
 */
@NullMarked
package labeler.disk;

import org.jspecify.annotations.NullMarked;
