package labeler.chain.format;

import java.util.Optional;
import java.util.Set;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;

/**
 * What a driver name means that a header records as a format. qemu takes the name of any block driver there, whether it
 * is for a format or a protocol, and takes it case-sensitively.
 */
public sealed interface QemuDriver {
    /** A format with a model here. */
    record Image(ImageFormat format) implements QemuDriver {}

    /** A protocol or a filter. */
    record Protocol(String name) implements QemuDriver {}

    /** None that qemu has. */
    record Unknown() implements QemuDriver {}

    /** Protocol and filter drivers of qemu 10.0 ({@code qemu-img --help}), those of its modules too. */
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
