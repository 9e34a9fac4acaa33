/**
 * Explains a denial of SELinux, or a file: who reached for what, whose it is, and what to do. Nothing here changes anything.
 */
@NullMarked
package labeler.explain;

import org.jspecify.annotations.NullMarked;
