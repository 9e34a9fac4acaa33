/** The counters of the service, for Prometheus. Nothing here builds a view of a VM. */
@NullMarked
package labeler.metrics;

import org.jspecify.annotations.NullMarked;
