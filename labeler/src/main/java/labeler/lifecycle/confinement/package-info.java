/**
 * The walls around a VM's process, and what the kernel says that they stop.
 * Nothing here builds a wall; the launcher does.
 */
@NullMarked
package labeler.lifecycle.confinement;

import org.jspecify.annotations.NullMarked;
