@NullMarked
package labeler.descriptors;

import org.jspecify.annotations.NullMarked;
