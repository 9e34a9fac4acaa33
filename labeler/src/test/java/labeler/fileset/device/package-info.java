/** Tests of the host's devices, on nodes and a sysfs of their own. */
@NullMarked
package labeler.fileset.device;

import org.jspecify.annotations.NullMarked;
