/** What stands around a VM's process: the watch on its end. */
@NullMarked
package labeler.launch;

import org.jspecify.annotations.NullMarked;
