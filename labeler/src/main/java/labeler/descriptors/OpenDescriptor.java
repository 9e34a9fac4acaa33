package labeler.descriptors;

import java.util.Optional;
import labeler.linux.FileIdentity;
import labeler.linux.Mount;

/**
 * A descriptor of some process, on a file.
 *
 * @param name of the file, as the kernel shows it; for messages, and for what is known by its name alone
 * @param identity without birth time
 * @param mount through which it was opened; empty for a file of the kernel's own, or of a mount that is gone
 */
public record OpenDescriptor(int number, String name, OpenMode mode, FileIdentity identity, Optional<Mount> mount) {}
