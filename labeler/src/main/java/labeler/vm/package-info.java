/** VM definitions: what a libvirt domain XML or a qemu command line says of files. */
@NullMarked
package labeler.vm;

import org.jspecify.annotations.NullMarked;
