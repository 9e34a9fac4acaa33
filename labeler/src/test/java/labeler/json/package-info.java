@NullMarked
package labeler.json;

import org.jspecify.annotations.NullMarked;
