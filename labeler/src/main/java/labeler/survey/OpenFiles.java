package labeler.survey;

import java.util.Optional;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;

/**
 * The files that a process has open, now. Its command line tells what it had at its start.
 *
 * @param all regular files and block devices, see {@link #device}
 * @param written those that are open for writing
 * @param names of all, as the kernel shows them
 */
public record OpenFiles(Set<FileIdentity> all, Set<FileIdentity> written, Set<HostPath> names) {
    /** No file system has this number. */
    private static final long OF_DEVICES = 0;

    public OpenFiles {
        all = Set.copyOf(all);
        written = Set.copyOf(written);
        names = Set.copyOf(names);
    }

    /** A block device: it is one by its number, whatever its nodes. libvirt gives each VM nodes of its own. */
    public static FileIdentity device(long number) {
        return new FileIdentity(OF_DEVICES, number, Optional.empty());
    }

    /**
     * The same file, as the process has it now; empty if it has left since the start. Some file systems show a file as
     * another when it is open: there the name says that it is.
     */
    public Optional<VmFileFacts> now(VmFileFacts file) {
        FileIdentity identity = file.file().identity();
        if (!file.image()
                || (!all.contains(identity) && names.contains(file.file().path()))) {
            return Optional.of(file);
        }
        boolean isWritten = file.written() && written.contains(identity);
        return all.contains(identity)
                ? Optional.of(new VmFileFacts(file.file(), true, isWritten, file.shareable(), file.now()))
                : Optional.empty();
    }
}
