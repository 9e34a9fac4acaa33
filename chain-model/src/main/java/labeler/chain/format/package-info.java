/** The common parts of all format readers. */
@NullMarked
package labeler.chain.format;

import org.jspecify.annotations.NullMarked;
