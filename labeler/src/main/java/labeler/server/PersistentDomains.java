package labeler.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import labeler.http.Limits;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * libvirt's own files of the domains that are defined: {@code NAME.xml}. Its directory is root's alone. They are read and
 * not asked for, since libvirt waits for the hook that asks.
 */
final class PersistentDomains {
    static final Path DIRECTORY = Path.of("/etc/libvirt/qemu");

    private static final Logger LOG = LoggerFactory.getLogger(PersistentDomains.class);

    private final Path directory;
    private final int maximumSize;

    PersistentDomains(Path directory, Limits limits) {
        this.directory = directory;
        this.maximumSize = limits.bodySize();
    }

    /** The definition; empty for a domain that has none, and for one that cannot be read: then nothing is declared. */
    Optional<byte[]> of(VmName name) {
        Path file = HostPath.of(directory).child(name.value() + ".xml").jdkPath();
        try (InputStream in = Files.newInputStream(file, LinkOption.NOFOLLOW_LINKS)) {
            byte[] xml = in.readNBytes(maximumSize + 1);
            return Optional.of(xml).filter(all -> all.length <= maximumSize);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (IOException e) {
            LOG.warn("VM {}: what its definition declares is not known: {}", name, IoReason.of(e));
            return Optional.empty();
        }
    }
}
