@NullMarked
package labeler.denial;

import org.jspecify.annotations.NullMarked;
