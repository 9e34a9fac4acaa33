/**
 * Sockets that the service listens at: where they lie, and who may connect. What is said over them is not known here.
 */
@NullMarked
package labeler.listen;

import org.jspecify.annotations.NullMarked;
