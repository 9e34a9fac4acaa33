/** qcow version 1, the forerunner of qcow2. */
@NullMarked
package labeler.chain.format.qcow;

import org.jspecify.annotations.NullMarked;
