package labeler.chain.name;

import java.util.Set;
import labeler.chain.FileName;

/**
 * The meaning of a file name for qemu: a path, or something else. The rules are those of {@code bdrv_open} and {@code
 * path_combine} in qemu's block.c on POSIX; they hold for names in {@code -drive file=} as well as for backing names.
 * Nothing is decoded, expanded or normalised.
 */
public sealed interface ReferenceName {
    /** A path, without a leading {@code file:}. */
    record LocalFile(FileName name) implements ReferenceName {}

    /**
     * A target that one of qemu's protocol drivers reaches.
     *
     * @param protocol the word before the first colon
     * @param reachesThisHost whether the driver reaches files, sockets or devices of this host, by a part of the name
     */
    record Protocol(String protocol, boolean reachesThisHost) implements ReferenceName {}

    /** {@code json:} and a whole block device configuration. */
    record JsonOptions() implements ReferenceName {}

    /**
     * A word and a colon, but no protocol of qemu's: qemu refuses it. {@code ./} before the name makes it a path.
     *
     * @param protocol the word, printable
     */
    record UnknownProtocol(String protocol) implements ReferenceName {}

    /** No name: no file. */
    record Empty() implements ReferenceName {}

    /** Protocol names of qemu 10.0 for what is behind a network, unless the rest of the name leads to this host. */
    Set<String> REMOTE_PROTOCOLS = Set.of(
            "ftp",
            "ftps",
            "gluster",
            "gluster+tcp",
            "gluster+unix",
            "http",
            "https",
            "iscsi",
            "iser",
            "nbd",
            "nbd+tcp",
            "nbd+unix",
            "nfs",
            "null-aio",
            "null-co",
            "nvme",
            "rbd",
            "ssh");

    /** Protocol names of qemu 10.0 whose drivers open a file, directory or device that stands later in the name. */
    Set<String> LOCAL_PROTOCOLS = Set.of(
            "blkdebug",
            "blkverify",
            "fat",
            "host_cdrom",
            "host_device",
            "io_uring",
            "nvme-io_uring",
            "virtio-blk-vfio-pci",
            "virtio-blk-vhost-user",
            "virtio-blk-vhost-vdpa");

    /** The prefix that qemu takes off a path; case-sensitive. */
    String FILE_PREFIX = "file:";

    /** Case-sensitive, at the very start; JSON follows. */
    String JSON_PREFIX = "json:";

    /** Classifies a name by itself. */
    static ReferenceName classify(FileName name) {
        if (name.isEmpty()) {
            return new Empty();
        }
        if (name.startsWith(JSON_PREFIX)) {
            return new JsonOptions();
        }
        if (!hasProtocol(name)) {
            return new LocalFile(name);
        }
        if (name.startsWith(FILE_PREFIX)) {
            return strip(name.from(FILE_PREFIX.length()));
        }
        String protocol = name.until(colon(name)).printable();
        if (LOCAL_PROTOCOLS.contains(protocol)) {
            return new Protocol(protocol, true);
        }
        if (REMOTE_PROTOCOLS.contains(protocol)) {
            return new Protocol(protocol, !NetworkDisk.isName(protocol, name));
        }
        return new UnknownProtocol(protocol);
    }

    /**
     * Classifies a backing name as the overlay's header gives it.
     *
     * @param overlay the name under which the overlay was opened: the path of a link, not of what it points to
     */
    static ReferenceName resolve(FileName name, FileName overlay) {
        if (name.isEmpty() || name.isAbsolute() || hasProtocol(name)) {
            return classify(name);
        }
        return classify(prefix(overlay).concat(name));
    }

    /**
     * The prefix that qemu's {@code path_combine} puts before a relative name: the directory part of a name; if it has
     * none, its protocol, so that beside {@code a:b}, {@code c} is {@code a:c}.
     */
    static FileName prefix(FileName opened) {
        FileName directory = directory(opened);
        return directory.isEmpty() ? opened.until(colon(opened) + 1) : directory;
    }

    /** A path's directory part with its slash; empty for a file in the current directory. */
    static FileName directory(FileName path) {
        for (int i = path.length() - 1; i >= 0; i--) {
            if (path.at(i) == '/') {
                return path.until(i + 1);
            }
        }
        return path.until(0);
    }

    /** Whether a colon stands before the first slash. */
    static boolean hasProtocol(FileName name) {
        return colon(name) >= 0;
    }

    private static ReferenceName strip(FileName path) {
        if (path.isEmpty()) {
            return new Empty();
        }
        // Otherwise the rest of file:a:b would name a protocol again, when another name is resolved beside it.
        return new LocalFile(hasProtocol(path) ? FileName.of("./").concat(path) : path);
    }

    private static int colon(FileName name) {
        for (int i = 0; i < name.length(); i++) {
            if (name.at(i) == ':') {
                return i;
            }
            if (name.at(i) == '/') {
                return -1;
            }
        }
        return -1;
    }
}
