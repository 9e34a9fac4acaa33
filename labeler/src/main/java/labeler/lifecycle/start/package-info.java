/**
 * A start, from the request to a process that may run.
 * Nothing here ends a VM; files of a failed start are given back by the rooms above in the table.
 */
@NullMarked
package labeler.lifecycle.start;

import org.jspecify.annotations.NullMarked;
