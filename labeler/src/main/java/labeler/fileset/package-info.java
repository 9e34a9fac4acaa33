/**
 * The full file set of a VM: declared uses and what the headers add, each file open and with its reasons.
 * Nothing here decides how a file is treated.
 */
@NullMarked
package labeler.fileset;

import org.jspecify.annotations.NullMarked;
