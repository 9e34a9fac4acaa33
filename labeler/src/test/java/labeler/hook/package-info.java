@NullMarked
package labeler.hook;

import org.jspecify.annotations.NullMarked;
