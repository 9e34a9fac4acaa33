@NullMarked
package labeler.manual;

import org.jspecify.annotations.NullMarked;
