/** The meaning of a name in a header, by qemu's own rules. */
@NullMarked
package labeler.chain.name;

import org.jspecify.annotations.NullMarked;
