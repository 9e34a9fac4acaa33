package labeler.explain;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import labeler.linux.HostPath;
import labeler.linux.Pid;
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
    public Denial {
        permissions = List.copyOf(permissions);
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
