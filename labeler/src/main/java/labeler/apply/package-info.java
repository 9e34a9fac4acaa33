/** Carries a plan out and takes it back, through descriptors. */
@NullMarked
package labeler.apply;

import org.jspecify.annotations.NullMarked;
