/** qcow2, versions 2 and 3. */
@NullMarked
package labeler.chain.format.qcow2;

import org.jspecify.annotations.NullMarked;
