/** Comparisons with what the installed qemu really does. */
@NullMarked
package labeler.chain.oracle;

import org.jspecify.annotations.NullMarked;
