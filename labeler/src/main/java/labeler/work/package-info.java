/** Work on the files of VMs, on threads of each file system, which may never answer. Nothing here knows a VM. */
@NullMarked
package labeler.work;

import org.jspecify.annotations.NullMarked;
