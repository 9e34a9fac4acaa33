/** Linux as the rest of the project sees it. */
@NullMarked
package labeler.linux;

import org.jspecify.annotations.NullMarked;
