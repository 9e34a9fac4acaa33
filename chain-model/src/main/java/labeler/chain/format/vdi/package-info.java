/** VDI of VirtualBox. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.vdi;

import org.jspecify.annotations.NullMarked;
