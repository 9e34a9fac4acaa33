@NullMarked
package labeler.guard.record;

import org.jspecify.annotations.NullMarked;
