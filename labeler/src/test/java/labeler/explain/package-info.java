@NullMarked
package labeler.explain;

import org.jspecify.annotations.NullMarked;
