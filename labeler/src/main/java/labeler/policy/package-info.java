/** The SELinux policy module: installing it, looking at it, removing it. Nothing here relabels a file. */
@NullMarked
package labeler.policy;

import org.jspecify.annotations.NullMarked;
