@NullMarked
package labeler.storage;

import org.jspecify.annotations.NullMarked;
