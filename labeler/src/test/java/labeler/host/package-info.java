@NullMarked
package labeler.host;

import org.jspecify.annotations.NullMarked;
