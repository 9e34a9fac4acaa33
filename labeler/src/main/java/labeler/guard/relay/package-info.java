/**
 * Between the clients of a monitor and the real one: connections, order, numbers of commands. Every command is shown to a
 * judge before it is passed on; nothing here knows which command does what.
 */
@NullMarked
package labeler.guard.relay;

import org.jspecify.annotations.NullMarked;
