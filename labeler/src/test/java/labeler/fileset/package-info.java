@NullMarked
package labeler.fileset;

import org.jspecify.annotations.NullMarked;
