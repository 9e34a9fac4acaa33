/**
 * Manual pages and shell completion, made from the same descriptions as {@code --help}. Run by the build alone.
 */
@NullMarked
package labeler.manual;

import org.jspecify.annotations.NullMarked;
