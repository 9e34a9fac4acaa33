/**
 * Reads the definitions of libvirt's domains, by virsh, and puts labeler-emulator between libvirt and the qemu of one, or
 * takes it out again.
 */
@NullMarked
package labeler.adoption;

import org.jspecify.annotations.NullMarked;
