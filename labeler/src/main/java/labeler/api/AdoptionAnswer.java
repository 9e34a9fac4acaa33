package labeler.api;

import labeler.linux.HostPath;
import labeler.vm.VmName;

/**
 * A domain of libvirt's that was adopted or released.
 *
 * @param emulator in its definition now
 * @param program the qemu that is started in the end
 * @param adopted whether its monitor is guarded from its next start on
 * @param changed whether this was otherwise before
 * @param running whether the domain runs, under the definition from before
 */
public record AdoptionAnswer(
        VmName domain, HostPath emulator, HostPath program, boolean adopted, boolean changed, boolean running) {}
