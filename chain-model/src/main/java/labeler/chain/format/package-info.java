/** What every format reader has in common. */
@NullMarked
package labeler.chain.format;

import org.jspecify.annotations.NullMarked;
