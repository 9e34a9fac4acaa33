package labeler.fileset;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;

/**
 * A file of a VM, with all the reasons for which it needs it.
 *
 * @param path the name that the first use gives it
 * @param file open; empty for one that is not there yet and will be created, or that qemu makes itself
 * @param directory open, where a file that is not there yet will be made; empty for any other, and where there is none
 * @param shareable every use that writes says that other VMs may write too
 * @param leaveReason set where there is nothing to label, and then why
 */
public record VmFile(
        HostPath path,
        Optional<OpenedFile> file,
        Optional<OpenedFile> directory,
        List<FileUse> uses,
        boolean shareable,
        Optional<String> leaveReason)
        implements AutoCloseable {
    public VmFile {
        uses = List.copyOf(uses);
    }

    /** One with a single use. */
    static VmFile of(
            HostPath path,
            Optional<OpenedFile> file,
            Optional<OpenedFile> directory,
            FileUse use,
            boolean shareable,
            Optional<String> leaveReason) {
        return new VmFile(path, file, directory, List.of(use), shareable && use.isWriting(), leaveReason);
    }

    /** The same file with one more use. */
    VmFile and(FileUse use, boolean useShareable, Optional<String> useLeaveReason) {
        boolean isWritten = uses.stream().anyMatch(FileUse::isWriting);
        boolean allShareable = use.isWriting() ? useShareable && (shareable || !isWritten) : shareable;
        return new VmFile(
                path,
                file,
                directory,
                Stream.concat(uses.stream(), Stream.of(use)).toList(),
                allShareable,
                useLeaveReason.isEmpty() ? Optional.empty() : leaveReason);
    }

    /** Empty for one that is not there yet. */
    public Optional<FileIdentity> identity() {
        return file.map(OpenedFile::identity);
    }

    /** The same file, which has been made meanwhile. */
    VmFile made(OpenedFile itself) {
        return new VmFile(path, Optional.of(itself), directory, uses, shareable, leaveReason);
    }

    @Override
    public void close() {
        file.ifPresent(OpenedFile::close);
        directory.ifPresent(OpenedFile::close);
    }
}
