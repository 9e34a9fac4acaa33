package labeler.vm.qemu.block;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** qemu's block drivers (10.0), by what they do with files. A driver that is in no row is not understood. */
public enum BlockDriver {
    /** Opens {@code filename}. */
    FILE(List.of(), "file", "host_device", "host_cdrom"),
    /** Its {@code file} as it is, or a part of it. */
    RAW(List.of("file"), "raw"),
    /** A header in {@code file}, which may name {@code backing} and {@code data-file}. */
    FORMAT(
            List.of("file", "backing", "data-file"),
            "qcow2",
            "qcow",
            "qed",
            "vmdk",
            "vdi",
            "vpc",
            "vhdx",
            "parallels",
            "bochs",
            "cloop",
            "dmg"),
    /** No driver is named: a header, by which qemu finds out itself what it is. */
    UNDECLARED(List.of("file", "backing", "data-file")),
    /** A header in {@code file}, or in {@code header}, that names nothing. */
    LUKS(List.of("file", "header"), "luks"),
    /** Its {@code file}, otherwise treated. */
    FILTER(List.of("file"), "throttle", "copy-on-read", "compress", "preallocate", "snapshot-access", "replication"),
    /** Its {@code file}, and another image that it always writes. */
    FILTER_WITH_LOG(List.of("file", "log"), "blklogwrites"),
    FILTER_WITH_TARGET(List.of("file", "target"), "copy-before-write"),
    /** Its {@code image}; {@code config} is a file. */
    DEBUG(List.of("image"), "blkdebug", "blkreplay"),
    /** {@code test} and {@code raw}, which must be equal. */
    VERIFY(List.of("test", "raw"), "blkverify"),
    /** {@code children}. */
    QUORUM(List.of("children"), "quorum"),
    /** Over a network, or through a socket. */
    REMOTE(List.of(), "nbd", "rbd", "ssh", "nfs", "iscsi", "http", "https", "ftp", "ftps", "gluster"),
    /** No file at all. */
    NOTHING(List.of(), "null-co", "null-aio"),
    /** A directory, or a device that only the host's sysfs can tell. */
    UNKNOWN_FILES(
            List.of(),
            "vvfat",
            "nvme",
            "io_uring",
            "nvme-io_uring",
            "virtio-blk-vfio-pci",
            "virtio-blk-vhost-user",
            "virtio-blk-vhost-vdpa"),
    /** In no row. */
    UNKNOWN(List.of());

    private static final Map<String, BlockDriver> BY_NAME = byName();

    /** Keys under which some node has another as its child, in the order in which they are looked at. */
    static final List<String> CHILD_KEYS =
            List.of("file", "backing", "data-file", "header", "image", "test", "raw", "log", "target", "children");

    // List.of makes them immutable, which the checker cannot see in the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> childKeys;

    // As above.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> names;

    BlockDriver(List<String> childKeys, String... names) {
        this.childKeys = childKeys;
        this.names = List.of(names);
    }

    /** Keys under which a node of this driver has others as its children. */
    public List<String> childKeys() {
        return childKeys;
    }

    /** By qemu's name for it, case-sensitive. */
    public static Optional<BlockDriver> of(String name) {
        return Optional.ofNullable(BY_NAME.get(name));
    }

    private static Map<String, BlockDriver> byName() {
        Map<String, BlockDriver> drivers = new HashMap<>();
        for (BlockDriver driver : values()) {
            driver.names.forEach(name -> drivers.put(name, driver));
        }
        return Map.copyOf(drivers);
    }
}
