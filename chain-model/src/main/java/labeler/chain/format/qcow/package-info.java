/** qcow version 1, the forerunner of qcow2. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.qcow;

import org.jspecify.annotations.NullMarked;
