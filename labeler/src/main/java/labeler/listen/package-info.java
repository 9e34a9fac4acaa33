/**
 * Sockets that the service listens at: where they lie, and who may connect.
 * Nothing here knows what is said over them.
 */
@NullMarked
package labeler.listen;

import org.jspecify.annotations.NullMarked;
