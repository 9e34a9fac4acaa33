/** The contract of every {@link labeler.linux.Linux}, the fake as well as the real one. */
@NullMarked
package labeler.linux.contract;

import org.jspecify.annotations.NullMarked;
