/** Category pairs: who has which, and a free one for the next VM. Nothing here knows a file. */
@NullMarked
package labeler.mcs;

import org.jspecify.annotations.NullMarked;
