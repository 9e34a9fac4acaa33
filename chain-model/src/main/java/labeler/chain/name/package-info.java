/** The meaning of a name in a header, by qemu's own rules. Nothing here looks whether a file is there. */
@NullMarked
package labeler.chain.name;

import org.jspecify.annotations.NullMarked;
