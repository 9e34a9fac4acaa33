/** The way to the members of an etcd cluster. */
@NullMarked
package labeler.etcd;

import org.jspecify.annotations.NullMarked;
