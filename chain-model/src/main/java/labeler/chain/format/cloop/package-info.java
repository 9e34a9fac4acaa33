/** Compressed loop images. */
@NullMarked
package labeler.chain.format.cloop;

import org.jspecify.annotations.NullMarked;
