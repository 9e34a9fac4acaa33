package labeler.leftover;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainFacts;

/**
 * The files of libvirt's system daemon about its domains: definitions, and the state of running ones. The daemon itself
 * may not be asked from its own hook. Domains of a user's own session are not seen.
 *
 * @param definitions of all domains that are defined
 * @param running the state of all that run
 */
public record LibvirtFiles(Path definitions, Path running) {
    public static final LibvirtFiles SYSTEM =
            new LibvirtFiles(Path.of("/etc/libvirt/qemu"), Path.of("/run/libvirt/qemu"));

    static final String SUFFIX = ".xml";

    /** More VMs than any host has. */
    private static final int MOST_FILES = 20_000;

    /** The limit of the XML reader. */
    static final int LARGEST_FILE = 4 << 20;

    /**
     * The facts that could be read.
     *
     * @param unread the reasons why a file could not be read; its facts are then not known
     * @param foreign a remark about files that somebody else has put there, which do not count
     */
    record Known(List<DomainFacts> facts, List<String> unread, Optional<String> foreign) {}

    /** The facts of all defined domains; none without libvirt. */
    Known ofDefined() {
        return read(definitions);
    }

    /** For root's own directory: where others may make files, this would block, or have work without an end. */
    private static Known read(Path directory) {
        List<DomainFacts> facts = new ArrayList<>();
        List<String> unread = new ArrayList<>();
        int files = 0;
        try (DirectoryStream<Path> stream = Files.newDirectoryStream(directory, "*" + SUFFIX)) {
            for (Path file : stream) {
                if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
                    continue;
                }
                files++;
                if (files > MOST_FILES) {
                    unread.add(HostPath.of(directory) + ": more than " + MOST_FILES + " files");
                    break;
                }
                parsed(file).ifPresentOrElse(facts::add, () -> unread.add(HostPath.of(file) + ": cannot be read"));
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return new Known(List.of(), List.of(), Optional.empty());
        } catch (IOException e) {
            unread.add(HostPath.of(directory) + ": " + IoReason.of(e));
        } catch (DirectoryIteratorException e) {
            unread.add(HostPath.of(directory) + ": cannot be listed");
        }
        return new Known(facts, unread, Optional.empty());
    }

    private static Optional<DomainFacts> parsed(Path file) {
        try {
            return DomainFacts.parse(bytes(file));
        } catch (NoSuchFileException e) {
            // The domain has just been undefined, or has ended.
            return Optional.of(new DomainFacts(Set.of(), Set.of(), Set.of()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    /** The definition of a domain; empty if it is not defined, or is longer than the limit of the XML reader. */
    public Optional<byte[]> definition(VmName name) throws IOException {
        try {
            return Optional.of(bytes(HostPath.of(definitions)
                            .child(name.value() + SUFFIX)
                            .jdkPath()))
                    .filter(xml -> xml.length <= LARGEST_FILE);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /** The domain whose state this file in {@link #running} has; empty for other files. */
    public static Optional<VmName> domainOf(Path file) {
        return HostPath.of(file)
                .utf8()
                .filter(path -> path.endsWith(SUFFIX))
                .map(path -> path.substring(path.lastIndexOf('/') + 1, path.length() - SUFFIX.length()))
                .flatMap(VmName::parse);
    }

    private static byte[] bytes(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            return in.readNBytes(LARGEST_FILE + 1);
        }
    }
}
