/** The service: HTTP with JSON on a Unix socket. */
@NullMarked
package labeler.server;

import org.jspecify.annotations.NullMarked;
