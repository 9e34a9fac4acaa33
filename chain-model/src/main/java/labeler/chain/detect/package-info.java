/** The formats that an image's first bytes claim. Nothing here decides which format an image is taken for. */
@NullMarked
package labeler.chain.detect;

import org.jspecify.annotations.NullMarked;
