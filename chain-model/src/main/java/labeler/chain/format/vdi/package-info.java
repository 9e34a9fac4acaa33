/** VDI of VirtualBox. */
@NullMarked
package labeler.chain.format.vdi;

import org.jspecify.annotations.NullMarked;
