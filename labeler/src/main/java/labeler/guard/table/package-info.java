/**
 * What each command of QMP and each of its arguments is: a name of a file, a reference, or nothing of interest. Nothing
 * here knows a VM.
 */
@NullMarked
package labeler.guard.table;

import org.jspecify.annotations.NullMarked;
