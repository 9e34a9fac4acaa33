/** The formats that an image's first bytes claim. */
@NullMarked
package labeler.chain.detect;

import org.jspecify.annotations.NullMarked;
