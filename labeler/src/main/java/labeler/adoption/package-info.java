/**
 * Reads the definitions of libvirt's domains, by virsh, and puts labeler-emulator between libvirt and the qemu of one,
 * and a label of labeler's into it, or takes them out again.
 */
@NullMarked
package labeler.adoption;

import org.jspecify.annotations.NullMarked;
