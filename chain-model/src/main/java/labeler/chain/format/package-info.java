/**
 * The common parts of all format readers. Nothing here knows one format; a new reader is entered in {@link
 * labeler.chain.StandardFormats}.
 */
@NullMarked
package labeler.chain.format;

import org.jspecify.annotations.NullMarked;
