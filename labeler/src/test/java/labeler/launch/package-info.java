@NullMarked
package labeler.launch;

import org.jspecify.annotations.NullMarked;
