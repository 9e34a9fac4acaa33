/**
 * What a VM is launched with: the Landlock rules around its process, its runtime directory, the copies there, and the
 * descriptors that are handed to it.
 */
@NullMarked
package labeler.launch;

import org.jspecify.annotations.NullMarked;
