/**
 * Where the guards of VMs stand: the real monitors, the guarded sockets, and who may connect. Nothing here judges a
 * command.
 */
@NullMarked
package labeler.guard.place;

import org.jspecify.annotations.NullMarked;
