package labeler.linux;

import java.util.Set;

/**
 * A line of /proc/PID/mountinfo (proc_pid_mountinfo(5)).
 *
 * @param parent the id of the mount on which it is
 * @param device number of the file system; {@code st_dev} of its files, except files that have the number of a part
 * (subvolumes of btrfs, layers of overlayfs)
 * @param root the directory of the file system that is mounted, by its name in the file system
 * @param options of this mount: {@code ro}, {@code nosuid}, …
 * @param superOptions of the file system: {@code seclabel} where SELinux keeps labels in it, {@code context=…}, …
 */
public record Mount(
        long id,
        long parent,
        long device,
        HostPath root,
        HostPath mountPoint,
        String fileSystemType,
        String source,
        Set<String> options,
        Set<String> superOptions) {
    /** Kinds of file systems that several hosts mount at once. */
    private static final Set<String> SHARED_TYPES =
            Set.of("gfs2", "ocfs2", "ceph", "nfs", "nfs4", "lustre", "fuse.glusterfs", "fuse.ceph");

    public Mount {
        options = Set.copyOf(options);
        superOptions = Set.copyOf(superOptions);
    }

    /** Whether SELinux stores labels on it ({@code seclabel}, shown only while SELinux is active). */
    public boolean storesLabels() {
        return superOptions.contains("seclabel");
    }

    /** Whether every file on it has the same unchangeable label ({@code context=…}, mount(8)). */
    public boolean hasFixedContext() {
        return superOptions.stream().anyMatch(option -> option.startsWith("context="));
    }

    /** Whether other hosts may have it mounted as well, by its kind. */
    public boolean maybeShared() {
        return SHARED_TYPES.contains(fileSystemType);
    }

    public boolean isReadOnly() {
        return options.contains("ro") || superOptions.contains("ro");
    }
}
