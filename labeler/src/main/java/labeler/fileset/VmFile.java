package labeler.fileset;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.linux.FileIdentity;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.selinux.SecurityContext;

/**
 * A file of a VM, with all reasons why the VM needs it.
 *
 * @param path the name that the first use gives it
 * @param file open; empty for one that does not exist yet and will be created, or that qemu makes itself
 * @param directory open, for a file that does not exist yet; empty for any other, and if there is no directory
 * @param shareable whether every use that writes, or every use of a file that is only read, says that other VMs may write
 *     as well
 * @param leaveReason the reason why there is nothing to label, if so
 * @param chosen the labels that the definition chooses for it; none if it leaves that to others
 */
public record VmFile(
        HostPath path,
        Optional<OpenedFile> file,
        Optional<OpenedFile> directory,
        List<FileUse> uses,
        boolean shareable,
        Optional<String> leaveReason,
        Set<SecurityContext> chosen)
        implements AutoCloseable {
    private static final Set<FileType> OBJECTS =
            EnumSet.of(FileType.SOCKET, FileType.FIFO, FileType.CHARACTER_DEVICE, FileType.DIRECTORY);

    public VmFile {
        uses = List.copyOf(uses);
        chosen = Set.copyOf(chosen);
    }

    /** A file for which the definition chooses no label. */
    public VmFile(
            HostPath path,
            Optional<OpenedFile> file,
            Optional<OpenedFile> directory,
            List<FileUse> uses,
            boolean shareable,
            Optional<String> leaveReason) {
        this(path, file, directory, uses, shareable, leaveReason, Set.of());
    }

    /** Empty for a file that does not exist yet. */
    public Optional<FileIdentity> identity() {
        return file.map(OpenedFile::identity);
    }

    /** Its kind; empty for a file that does not exist yet. */
    public Optional<FileType> type() {
        return file.map(found -> found.status().type());
    }

    /** The same in words: {@code socket}. */
    public String kind() {
        return type().map(FileType::text).orElse("file");
    }

    /** The number of the device for which a block device's node stands; empty for any other file. */
    public OptionalLong blockDevice() {
        return file.map(OpenedFile::status)
                .filter(status -> status.type() == FileType.BLOCK_DEVICE)
                .map(status -> OptionalLong.of(status.specialDevice()))
                .orElseGet(OptionalLong::empty);
    }

    /** The kernel's name for it; empty for a file that does not exist yet. */
    public Optional<HostPath> realPath() {
        return file.map(OpenedFile::realPath);
    }

    /** The same, also of a file that does not exist yet: it will be made in the directory that is open. */
    public Optional<HostPath> futurePath() {
        return realPath().or(() -> directory.map(parent -> parent.realPath().child(path.lastName())));
    }

    /** Whether it stands for a directory with everything below it. */
    public boolean isTree() {
        return type().filter(FileType.DIRECTORY::equals).isPresent();
    }

    /**
     * Whether it is a socket, a FIFO, a character device or a directory: it has no content of its own, and qemu opens it
     * by name alone.
     */
    public boolean isObject() {
        return type().filter(OBJECTS::contains).isPresent();
    }

    /** The same file, which has been made in the meantime. */
    VmFile made(OpenedFile itself) {
        return new VmFile(path, Optional.of(itself), directory, uses, shareable, leaveReason, chosen);
    }

    /** The same file, with labels that the definition chooses for it. */
    VmFile choosing(Set<SecurityContext> labels) {
        return new VmFile(path, file, directory, uses, shareable, leaveReason, labels);
    }

    @Override
    public void close() {
        file.ifPresent(OpenedFile::close);
        directory.ifPresent(OpenedFile::close);
    }
}
