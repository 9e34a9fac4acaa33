package labeler.explain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;

/**
 * An access that SELinux denied, as the kernel's audit record tells it.
 *
 * @param permissions the permissions that were asked for: {@code read}, {@code open}
 * @param command the process's own name for itself, which it may choose
 * @param path of the object, if the kernel knew it or another record of the same event has it
 * @param name the last part of the object's name only
 * @param device the file system's name for its device, {@code vda1}; no number
 * @param source context of the process
 * @param target context of the object at the time
 * @param objectClass the object's class: {@code file}, {@code process}
 * @param isPermissive whether it was only reported, and not denied
 */
public record Denial(
        List<String> permissions,
        Optional<Pid> pid,
        Optional<String> command,
        Optional<HostPath> path,
        Optional<HostPath> name,
        Optional<String> device,
        OptionalLong inode,
        SecurityContext source,
        SecurityContext target,
        String objectClass,
        boolean isPermissive) {
    /** The domains of virtual machines in every policy, and the types of what they make. */
    private static final String OF_VMS = "svirt_";

    /** An older name for containers. */
    private static final String OF_CONTAINERS = "svirt_lxc_";

    /** The types of what libvirt gives to a VM beside its images. */
    private static final List<String> OF_MANAGERS = List.of("virt_", "qemu_");

    public Denial {
        permissions = List.copyOf(permissions);
    }

    /**
     * Whether its process was a qemu of this VM's, by the context that the kernel put on it. Containers have pairs as well,
     * and a pair alone says nothing.
     */
    public boolean isOfQemuOf(VmView vm) {
        return isAtLevelOf(vm) && isOfVms(source, vm);
    }

    /** Whether its process was at the level of this VM, whatever it was. */
    public boolean isAtLevelOf(VmView vm) {
        return isAt(source, vm);
    }

    /** Whether the object is this VM's: a part of its process, or a file with its label. */
    boolean isOnThatOf(VmView vm) {
        return isAt(target, vm)
                && (isOfVms(target, vm)
                        || target.type().equals(vm.imageContext().type())
                        || OF_MANAGERS.stream().anyMatch(target.type()::startsWith));
    }

    private static boolean isAt(SecurityContext context, VmView vm) {
        return Level.parse(context.level())
                .filter(level -> level.pair().equals(vm.level().pair()))
                .isPresent();
    }

    private static boolean isOfVms(SecurityContext context, VmView vm) {
        return context.type().equals(vm.processContext().type())
                || (context.type().startsWith(OF_VMS) && !context.type().startsWith(OF_CONTAINERS));
    }

    /** The same, with a path from another record. */
    Denial at(HostPath found) {
        return new Denial(
                permissions,
                pid,
                command,
                Optional.of(found),
                name,
                device,
                inode,
                source,
                target,
                objectClass,
                isPermissive);
    }
}
