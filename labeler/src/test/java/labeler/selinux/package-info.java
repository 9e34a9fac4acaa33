@NullMarked
package labeler.selinux;

import org.jspecify.annotations.NullMarked;
