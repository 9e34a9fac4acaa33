/**
 * The monitors of libvirt's domains: the program that libvirt starts in qemu's place hands libvirt's socket to the
 * service, which knows the domain from the hook, and gives qemu's socket in return. Nothing here reads what is said
 * over them, or judges it.
 */
@NullMarked
package labeler.guard.emulator;

import org.jspecify.annotations.NullMarked;
