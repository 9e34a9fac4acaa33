@NullMarked
package labeler.apply;

import org.jspecify.annotations.NullMarked;
