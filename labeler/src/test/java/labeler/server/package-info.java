@NullMarked
package labeler.server;

import org.jspecify.annotations.NullMarked;
