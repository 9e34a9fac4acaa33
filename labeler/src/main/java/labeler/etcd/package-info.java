/**
 * Questions to the members of an etcd cluster, through the JSON gateway that each has. Nothing here knows what the keys
 * mean.
 */
@NullMarked
package labeler.etcd;

import org.jspecify.annotations.NullMarked;
