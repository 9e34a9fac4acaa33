/** What every {@link labeler.linux.Linux} has to do, the fake as well as the real one. */
@NullMarked
package labeler.linux.contract;

import org.jspecify.annotations.NullMarked;
