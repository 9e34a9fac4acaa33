/** Records of files and VMs in memory: what counts for which file. */
@NullMarked
package labeler.lifecycle.hold;

import org.jspecify.annotations.NullMarked;
