/**
 * The labels of directory trees: a table of originals that is durable before the first label changes, and the walks that
 * set labels and give them back.
 */
@NullMarked
package labeler.tree;

import org.jspecify.annotations.NullMarked;
