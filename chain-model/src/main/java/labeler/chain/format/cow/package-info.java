/** COW of User-mode Linux. */
@NullMarked
package labeler.chain.format.cow;

import org.jspecify.annotations.NullMarked;
