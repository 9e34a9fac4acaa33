/**
 * Disks that join a running VM and leave it, and the talk with qemu about them.
 * Nothing here knows how a VM was started.
 */
@NullMarked
package labeler.lifecycle.disk;

import org.jspecify.annotations.NullMarked;
