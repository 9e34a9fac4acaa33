@NullMarked
package labeler.arguments;

import org.jspecify.annotations.NullMarked;
