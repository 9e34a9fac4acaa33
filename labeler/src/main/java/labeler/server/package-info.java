/**
 * The service: endpoints, and the program that puts it together.
 * Nothing here does what an endpoint asks for; the lifecycle does.
 */
@NullMarked
package labeler.server;

import org.jspecify.annotations.NullMarked;
