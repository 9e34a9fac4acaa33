/**
 * The commands of {@code labeler}: options, a question to the service, an exit code.
 * Nothing here builds a service, and nobody knows a command but {@code Main}.
 */
@NullMarked
package labeler.cli;

import org.jspecify.annotations.NullMarked;
