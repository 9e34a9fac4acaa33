/** COW of User-mode Linux. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.cow;

import org.jspecify.annotations.NullMarked;
