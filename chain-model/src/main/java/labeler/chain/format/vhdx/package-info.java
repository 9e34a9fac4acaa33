/** VHDX of Hyper-V. Nothing here knows another format, or follows a reference. */
@NullMarked
package labeler.chain.format.vhdx;

import org.jspecify.annotations.NullMarked;
