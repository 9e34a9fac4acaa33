/** Comparisons with the real behaviour of the installed qemu. */
@NullMarked
package labeler.chain.oracle;

import org.jspecify.annotations.NullMarked;
