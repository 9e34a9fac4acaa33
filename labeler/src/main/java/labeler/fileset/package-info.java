/** The VM's full file set: declared uses and what the headers add, each file open and with its reasons. */
@NullMarked
package labeler.fileset;

import org.jspecify.annotations.NullMarked;
