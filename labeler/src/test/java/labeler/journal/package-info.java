@NullMarked
package labeler.journal;

import org.jspecify.annotations.NullMarked;
