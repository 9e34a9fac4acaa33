/** Category pairs: who has which, and a free one for the next VM. */
@NullMarked
package labeler.mcs;

import org.jspecify.annotations.NullMarked;
