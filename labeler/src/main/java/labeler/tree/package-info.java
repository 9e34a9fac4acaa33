/**
 * The labels of directory trees: a table of originals that is durable before the first label changes, and the walks
 * that set labels and give them back. Nothing here decides which label a tree gets, or whose it is.
 */
@NullMarked
package labeler.tree;

import org.jspecify.annotations.NullMarked;
