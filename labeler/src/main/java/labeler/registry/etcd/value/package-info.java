/** The registry's keys, and their values as JSON. Nothing here asks or decides. */
@NullMarked
package labeler.registry.etcd.value;

import org.jspecify.annotations.NullMarked;
