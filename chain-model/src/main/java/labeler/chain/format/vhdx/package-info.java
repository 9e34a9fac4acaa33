/** VHDX of Hyper-V. */
@NullMarked
package labeler.chain.format.vhdx;

import org.jspecify.annotations.NullMarked;
