/** What the name in a header means: qemu's own rules. */
@NullMarked
package labeler.chain.name;

import org.jspecify.annotations.NullMarked;
