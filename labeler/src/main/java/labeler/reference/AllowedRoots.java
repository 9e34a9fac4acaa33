package labeler.reference;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;
import labeler.linux.HostPath;

/**
 * The places of files that headers may name. All paths are real paths.
 *
 * @param roots below which images are expected
 * @param areConfigured whether the settings name those roots; then one may lie inside a directory of the system
 * @param vmUser the user as whom libvirt runs VMs, and to whom it gives their images; empty if it is not known
 */
public record AllowedRoots(List<HostPath> roots, boolean areConfigured, OptionalInt vmUser) {
    /** The directories in which distributions keep images of VMs. */
    public static final List<HostPath> DISTRIBUTION = List.of(HostPath.of("/var/lib/libvirt/images"));

    /** Directories of the system: programs, libraries, firmware and settings, and the kernel's own file systems. */
    private static final List<HostPath> SYSTEM = Stream.of(
                    "/bin",
                    "/boot",
                    "/dev",
                    "/efi",
                    "/etc",
                    "/lib",
                    "/lib32",
                    "/lib64",
                    "/libx32",
                    "/nix",
                    "/ostree",
                    "/proc",
                    "/run",
                    "/sbin",
                    "/sys",
                    "/sysroot",
                    "/usr",
                    "/var/backups",
                    "/var/cache",
                    "/var/crash",
                    "/var/log",
                    "/var/spool")
            .map(HostPath::of)
            .toList();

    /** Those where clients put what they have made: dumps, saved VMs, copies of disks. */
    private static final List<HostPath> OUTPUTS = Stream.of("/var/backups", "/var/cache", "/var/crash", "/var/spool")
            .map(HostPath::of)
            .toList();

    /** Too wide to trust because of one file in them: each holds directories of many owners or purposes. */
    private static final List<HostPath> WIDE = Stream.of(
                    "/", "/home", "/media", "/mnt", "/opt", "/root", "/srv", "/tmp", "/var", "/var/lib", "/var/tmp")
            .map(HostPath::of)
            .toList();

    public AllowedRoots {
        roots = List.copyOf(roots);
    }

    /**
     * The grounds if no setting names the roots.
     *
     * @param directories of the files that a definition names; each is a root unless it is the system's, or too wide
     */
    public static AllowedRoots around(List<HostPath> directories, OptionalInt vmUser) {
        List<HostPath> roots = Stream.concat(
                        DISTRIBUTION.stream(), directories.stream().filter(AllowedRoots::mayBeRoot))
                .distinct()
                .toList();
        return new AllowedRoots(roots, false, vmUser);
    }

    /** The directories of the system. All files below them are the system's as well. */
    public static List<HostPath> system() {
        return SYSTEM;
    }

    /** Those of them in which a file is not the system's if a client could open it. */
    public static List<HostPath> outputs() {
        return OUTPUTS;
    }

    /** The directories of many owners or purposes. Each directory below them has one. */
    public static List<HostPath> wide() {
        return WIDE;
    }

    /** Whether a directory is neither the system's, nor one of many owners or purposes. */
    public static boolean mayBeRoot(HostPath directory) {
        return directory.isAbsolute() && !WIDE.contains(directory) && !isBelowAny(directory, SYSTEM);
    }

    boolean isInside(HostPath path) {
        return isBelowAny(path, roots);
    }

    /** The owner root tells nothing about whose image it is. */
    boolean isVmUser(int uid) {
        return uid != 0 && vmUser.isPresent() && vmUser.getAsInt() == uid;
    }

    /** A root that somebody has configured inside a directory of the system is an exception. */
    boolean isSystem(HostPath path) {
        return SYSTEM.stream()
                .filter(directory -> isBelow(path, directory))
                .anyMatch(directory -> !areConfigured
                        || roots.stream().noneMatch(root -> isBelow(path, root) && isBelow(root, directory)));
    }

    private static boolean isBelowAny(HostPath path, List<HostPath> directories) {
        return directories.stream().anyMatch(directory -> isBelow(path, directory));
    }

    /** Whether the path is the directory, or something in it. */
    private static boolean isBelow(HostPath path, HostPath directory) {
        byte[] prefix = directory.bytes();
        byte[] bytes = path.bytes();
        int length = prefix[prefix.length - 1] == '/' ? prefix.length - 1 : prefix.length;
        return bytes.length >= length
                && Arrays.equals(bytes, 0, length, prefix, 0, length)
                && (bytes.length == length || bytes[length] == '/');
    }
}
