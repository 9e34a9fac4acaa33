/** Image builders and openers for tests, also for those of the modules above. */
@NullMarked
package labeler.chain.testing;

import org.jspecify.annotations.NullMarked;
