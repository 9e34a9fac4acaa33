/**
 * A start, from the request to a process that may run.
 * Nothing here ends a VM; what fails is given back by the rooms below.
 */
@NullMarked
package labeler.lifecycle.start;

import org.jspecify.annotations.NullMarked;
