@NullMarked
package labeler.mcs;

import org.jspecify.annotations.NullMarked;
