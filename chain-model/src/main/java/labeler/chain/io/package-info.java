/** Reading one image within bounds. */
@NullMarked
package labeler.chain.io;

import org.jspecify.annotations.NullMarked;
