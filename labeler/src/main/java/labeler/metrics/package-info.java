/** What the service counts, for Prometheus. */
@NullMarked
package labeler.metrics;

import org.jspecify.annotations.NullMarked;
