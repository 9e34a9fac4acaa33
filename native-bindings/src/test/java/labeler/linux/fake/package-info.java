/** A kernel in memory, for tests: everything that {@link labeler.linux.Linux} offers, with faults on demand. */
@NullMarked
package labeler.linux.fake;

import org.jspecify.annotations.NullMarked;
