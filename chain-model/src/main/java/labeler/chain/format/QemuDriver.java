package labeler.chain.format;

import java.util.Optional;
import java.util.Set;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;

/**
 * The meaning of a driver name that a header records as a format. qemu accepts the name of any block driver there, for
 * a format or a protocol, and names are case-sensitive.
 */
public sealed interface QemuDriver {
    /** A format that this module knows. */
    record Image(ImageFormat format) implements QemuDriver {}

    /** A protocol or a filter. */
    record Protocol(String name) implements QemuDriver {}

    /** A name that qemu does not have. */
    record Unknown() implements QemuDriver {}

    /** Protocol and filter drivers of qemu 10.0 ({@code qemu-img --help}), including those of its modules. */
    Set<String> PROTOCOLS = Set.of(
            "blkdebug",
            "blklogwrites",
            "blkreplay",
            "blkverify",
            "compress",
            "copy-before-write",
            "copy-on-read",
            "file",
            "ftp",
            "ftps",
            "gluster",
            "host_cdrom",
            "host_device",
            "http",
            "https",
            "io_uring",
            "iscsi",
            "iser",
            "nbd",
            "nfs",
            "null-aio",
            "null-co",
            "nvme",
            "nvme-io_uring",
            "preallocate",
            "quorum",
            "rbd",
            "replication",
            "snapshot-access",
            "ssh",
            "throttle",
            "virtio-blk-vfio-pci",
            "virtio-blk-vhost-user",
            "virtio-blk-vhost-vdpa",
            "vvfat");

    static QemuDriver of(FileName recorded) {
        String name = recorded.utf8().orElse("");
        Optional<QemuDriver> image = ImageFormat.ofDriver(name).map(Image::new);
        return image.orElseGet(() -> PROTOCOLS.contains(name) ? new Protocol(name) : new Unknown());
    }
}
