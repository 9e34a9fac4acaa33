/** The SELinux policy module: installing it, looking at it, removing it. */
@NullMarked
package labeler.policy;

import org.jspecify.annotations.NullMarked;
