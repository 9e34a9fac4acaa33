/**
 * Device nodes of the host as the kernel's sysfs shows them: whose a node is, and which nodes an address stands for.
 * Nothing here opens a device.
 */
@NullMarked
package labeler.fileset.device;

import org.jspecify.annotations.NullMarked;
