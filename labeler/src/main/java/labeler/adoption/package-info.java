/** Puts labeler-emulator between libvirt and the qemu of a domain, and takes it out again, in the domain's definition. */
@NullMarked
package labeler.adoption;

import org.jspecify.annotations.NullMarked;
