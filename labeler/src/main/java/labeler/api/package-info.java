/** The words of the JSON interface: what goes over the socket, and what {@code --json} prints. */
@NullMarked
package labeler.api;

import org.jspecify.annotations.NullMarked;
