package labeler.leftover;

import java.util.Optional;
import labeler.linux.FileSystems;
import labeler.linux.LinuxException;
import labeler.linux.Mount;
import labeler.linux.OpenedFile;
import labeler.selinux.Level;

/** Other hosts that use the same storage. A label that nobody has set here may be theirs. */
@FunctionalInterface
public interface HostsBeside {
    /** Why a label with this level on this file may be another host's; empty if it is not. */
    Optional<String> mayNeed(OpenedFile file, Level level);

    /** Those that nobody can ask here: this host is in no cluster, and other hosts may have the file system mounted. */
    static HostsBeside unasked(FileSystems fileSystems) {
        return (file, _) -> {
            try {
                return fileSystems
                        .mount(file)
                        .filter(Mount::maybeShared)
                        .map(mount -> "other hosts may have its file system (" + mount.fileSystemType()
                                + ") mounted, and this one is in no cluster with them; if none uses it, restorecon -F"
                                + " gives it what the policy says");
            } catch (LinuxException e) {
                return Optional.of("its mount cannot be told (" + e.getMessage() + ")");
            }
        };
    }

    /** For a host that shares nothing. */
    static HostsBeside none() {
        return (_, _) -> Optional.empty();
    }
}
