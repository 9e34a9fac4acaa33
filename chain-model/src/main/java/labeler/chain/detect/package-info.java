/** What an image's first bytes claim to be. */
@NullMarked
package labeler.chain.detect;

import org.jspecify.annotations.NullMarked;
