/** LUKS containers. */
@NullMarked
package labeler.chain.format.luks;

import org.jspecify.annotations.NullMarked;
