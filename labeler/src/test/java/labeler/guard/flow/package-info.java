/** What managers do with a VM's files, and how each of it can end: one table for all ways in which qemu gets its files. */
@NullMarked
package labeler.guard.flow;

import org.jspecify.annotations.NullMarked;
