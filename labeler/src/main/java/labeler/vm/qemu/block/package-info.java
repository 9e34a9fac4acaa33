/**
 * Block nodes: drivers, the tree that a command line makes of nodes, and the files that they come down to. Here may live
 * what is true of a node wherever it is written; not which options there are, and no descriptor.
 */
@NullMarked
package labeler.vm.qemu.block;

import org.jspecify.annotations.NullMarked;
