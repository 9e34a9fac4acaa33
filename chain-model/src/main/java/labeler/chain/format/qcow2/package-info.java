/** qcow2, versions 2 and 3. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.qcow2;

import org.jspecify.annotations.NullMarked;
