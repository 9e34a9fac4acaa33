/** libvirt's domain XML: which element names which file. */
@NullMarked
package labeler.vm.libvirt;

import org.jspecify.annotations.NullMarked;
