/** Tests of the registry in etcd, against real members. */
@NullMarked
package labeler.registry.etcd;

import org.jspecify.annotations.NullMarked;
