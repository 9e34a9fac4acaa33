@NullMarked
package labeler.disk;

import org.jspecify.annotations.NullMarked;
