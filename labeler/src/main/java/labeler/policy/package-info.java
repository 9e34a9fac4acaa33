/** The SELinux policy module: installing it, looking at it, removing it. Nothing here relabels a file of a VM. */
@NullMarked
package labeler.policy;

import org.jspecify.annotations.NullMarked;
