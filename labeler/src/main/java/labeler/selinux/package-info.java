/** Security contexts, and what they are made of. */
@NullMarked
package labeler.selinux;

import org.jspecify.annotations.NullMarked;
