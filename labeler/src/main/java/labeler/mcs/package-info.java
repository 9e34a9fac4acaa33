/**
 * The categories that may be used, a free pair of them by chance, and the pairs that running processes have. Which level a
 * VM gets is decided in {@code labeler.lifecycle.plan}.
 * Nothing here knows a file.
 */
@NullMarked
package labeler.mcs;

import org.jspecify.annotations.NullMarked;
