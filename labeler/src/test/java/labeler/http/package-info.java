@NullMarked
package labeler.http;

import org.jspecify.annotations.NullMarked;
