/**
 * The audit log: one line for each decision and event, in files below the state directory, and their reading. Nothing here
 * decides anything.
 */
@NullMarked
package labeler.guard.record;

import org.jspecify.annotations.NullMarked;
