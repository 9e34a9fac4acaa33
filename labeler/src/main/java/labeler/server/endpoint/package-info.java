/**
 * The endpoints of the service: each reads a request, asks, and answers. Nothing here does what an endpoint asks for, or
 * knows the program around it.
 */
@NullMarked
package labeler.server.endpoint;

import org.jspecify.annotations.NullMarked;
