/** Tests of trees of real files. */
@NullMarked
package labeler.tree;

import org.jspecify.annotations.NullMarked;
