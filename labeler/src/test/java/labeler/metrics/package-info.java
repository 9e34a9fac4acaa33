/** Tests of what the service counts. */
@NullMarked
package labeler.metrics;

import org.jspecify.annotations.NullMarked;
