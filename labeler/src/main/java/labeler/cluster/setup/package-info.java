/**
 * How an administrator joins a host to a cluster, and looks after the cluster: settings, the unit's drop-in, and what only a
 * person may tell the registry. Nothing here knows a VM.
 */
@NullMarked
package labeler.cluster.setup;

import org.jspecify.annotations.NullMarked;
