/** What other managers call: the libvirt hook, and its installation. */
@NullMarked
package labeler.hook;

import org.jspecify.annotations.NullMarked;
