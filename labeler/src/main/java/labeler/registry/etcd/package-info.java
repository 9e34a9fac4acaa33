/**
 * The registry in etcd: keys, values, transactions, and the way to its members over HTTP. Nothing here knows a VM's start,
 * a journal or how a label is set.
 */
@NullMarked
package labeler.registry.etcd;

import org.jspecify.annotations.NullMarked;
