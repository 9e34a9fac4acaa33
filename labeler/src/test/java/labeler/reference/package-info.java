@NullMarked
package labeler.reference;

import org.jspecify.annotations.NullMarked;
