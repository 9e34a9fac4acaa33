/** A domain's XML with one part changed, for libvirt, which takes it for its own. */
@NullMarked
package labeler.vm.libvirt.copy;

import org.jspecify.annotations.NullMarked;
