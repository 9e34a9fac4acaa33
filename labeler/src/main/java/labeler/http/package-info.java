/**
 * HTTP over a Unix socket: connections, bodies, routes, limits and errors. Nothing here knows what a VM is.
 */
@NullMarked
package labeler.http;

import org.jspecify.annotations.NullMarked;
