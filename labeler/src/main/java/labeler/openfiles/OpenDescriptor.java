package labeler.openfiles;

import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Mount;

/**
 * A descriptor of a process, on a file.
 *
 * @param name the file's name, as the kernel shows it; for messages, and for files known by name alone
 * @param identity the file's identity, without birth time
 * @param device which device it is, as {@code st_rdev}; empty for a regular file
 * @param mount the mount that it was opened through; empty for the kernel's own files, and if the mount is gone
 */
public record OpenDescriptor(
        int number,
        HostPath name,
        OpenMode mode,
        FileIdentity identity,
        Optional<Long> device,
        Optional<Mount> mount) {}
