@NullMarked
package labeler.client;

import org.jspecify.annotations.NullMarked;
