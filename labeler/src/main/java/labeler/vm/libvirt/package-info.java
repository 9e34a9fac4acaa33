/** libvirt's domain XML: which element names which file. Nothing here opens a file. */
@NullMarked
package labeler.vm.libvirt;

import org.jspecify.annotations.NullMarked;
