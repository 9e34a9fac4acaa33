/** HTTP over a Unix socket: connections, bodies, routes, limits and errors. Nothing here knows a VM. */
@NullMarked
package labeler.http;

import org.jspecify.annotations.NullMarked;
