/** The other end of the service's socket, with nothing but the JDK and names in bytes. */
@NullMarked
package labeler.client;

import org.jspecify.annotations.NullMarked;
