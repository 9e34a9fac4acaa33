/**
 * The commands of QMP and the role of each argument: a file's name, a reference, or none. Nothing
 * here knows a VM.
 */
@NullMarked
package labeler.guard.table;

import org.jspecify.annotations.NullMarked;
