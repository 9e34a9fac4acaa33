/** Reading one image within bounds, and text in it. */
@NullMarked
package labeler.chain.io;

import org.jspecify.annotations.NullMarked;
