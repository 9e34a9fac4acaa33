@NullMarked
package labeler.openfiles;

import org.jspecify.annotations.NullMarked;
