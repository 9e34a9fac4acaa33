/** Security contexts, what they are made of, and the kernel's answers about them. Nothing here labels a file. */
@NullMarked
package labeler.selinux;

import org.jspecify.annotations.NullMarked;
