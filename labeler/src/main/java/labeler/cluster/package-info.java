/**
 * The service as one of several hosts that share storage: it asks the registry before it takes files, and before labels go
 * back. Nothing here labels a file or knows a network.
 */
@NullMarked
package labeler.cluster;

import org.jspecify.annotations.NullMarked;
