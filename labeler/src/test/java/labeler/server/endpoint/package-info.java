@NullMarked
package labeler.server.endpoint;

import org.jspecify.annotations.NullMarked;
