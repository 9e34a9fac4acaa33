/** Carries a plan out and takes it back, through descriptors. Nothing here decides which label a file gets. */
@NullMarked
package labeler.apply;

import org.jspecify.annotations.NullMarked;
