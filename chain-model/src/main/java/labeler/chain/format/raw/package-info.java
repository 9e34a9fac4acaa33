/** raw: no header, no references. */
@NullMarked
package labeler.chain.format.raw;

import org.jspecify.annotations.NullMarked;
