/** What a VM goes through: planned, started, relabelled, verified, stopped, recovered. */
@NullMarked
package labeler.lifecycle;

import org.jspecify.annotations.NullMarked;
