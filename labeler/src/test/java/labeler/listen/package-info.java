@NullMarked
package labeler.listen;

import org.jspecify.annotations.NullMarked;
