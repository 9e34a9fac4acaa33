package labeler.api;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.selinux.SecurityContext;
import labeler.vm.VmName;

/**
 * A domain of libvirt's that was adopted or released.
 *
 * @param emulator in its definition now
 * @param program the qemu that is started in the end
 * @param adopted whether its monitor is guarded from its next start on
 * @param changed whether this was otherwise before
 * @param running whether the domain runs, under the definition from before
 * @param label the static one in its definition now by which labeler labels its files, and libvirt none
 */
public record AdoptionAnswer(
        VmName domain,
        HostPath emulator,
        HostPath program,
        boolean adopted,
        boolean changed,
        boolean running,
        Optional<SecurityContext> label) {}
