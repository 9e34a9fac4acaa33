@NullMarked
package labeler.api;

import org.jspecify.annotations.NullMarked;
