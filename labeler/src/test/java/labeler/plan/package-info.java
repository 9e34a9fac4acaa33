@NullMarked
package labeler.plan;

import org.jspecify.annotations.NullMarked;
