/**
 * The program of the service: its start and end, its place in systemd, its log, and the wiring of all rooms. Nothing here
 * answers a request.
 */
@NullMarked
package labeler.server;

import org.jspecify.annotations.NullMarked;
