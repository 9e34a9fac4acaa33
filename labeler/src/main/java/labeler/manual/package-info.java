/**
 * Manual pages and shell completion, made from the same descriptions as {@code --help}.
 * Nothing here is run but by the build.
 */
@NullMarked
package labeler.manual;

import org.jspecify.annotations.NullMarked;
