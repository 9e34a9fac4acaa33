@NullMarked
package labeler.qmp;

import org.jspecify.annotations.NullMarked;
