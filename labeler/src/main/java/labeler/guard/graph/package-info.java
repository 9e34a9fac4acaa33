/**
 * The block graph of a running qemu, as it tells of it: nodes, edges, devices, jobs. Nothing here knows a file's label.
 */
@NullMarked
package labeler.guard.graph;

import org.jspecify.annotations.NullMarked;
