/**
 * The other end of the service's socket, with nothing but the JDK and names in bytes.
 * Nothing here knows what is asked.
 */
@NullMarked
package labeler.client;

import org.jspecify.annotations.NullMarked;
