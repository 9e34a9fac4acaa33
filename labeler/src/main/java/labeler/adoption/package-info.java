/**
 * Reads the definitions of libvirt's domains, by virsh, and puts labeler-emulator between libvirt and the qemu of one,
 * and a label of labeler's into it, or takes them out again. Nothing here changes text of XML (that is for {@code
 * labeler.vm.libvirt}), starts or stops a domain, or labels a file.
 */
@NullMarked
package labeler.adoption;

import org.jspecify.annotations.NullMarked;
