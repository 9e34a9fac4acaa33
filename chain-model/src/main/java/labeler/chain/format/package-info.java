/** The common parts of all format readers. A new reader is entered in {@link labeler.chain.StandardFormats}. */
@NullMarked
package labeler.chain.format;

import org.jspecify.annotations.NullMarked;
