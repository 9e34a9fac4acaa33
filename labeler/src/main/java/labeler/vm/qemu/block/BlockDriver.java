package labeler.vm.qemu.block;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.vm.NameTable;

/** qemu's block drivers (10.0), grouped by their use of files. A driver in no row is not understood. */
public enum BlockDriver {
    /** Opens {@code filename}. */
    FILE("", "file host_device host_cdrom"),
    /** Its {@code file} as it is, or a part of it. */
    RAW("file", "raw"),
    /** A header in {@code file}, which may name {@code backing} and {@code data-file}. */
    FORMAT("file backing data-file", "qcow2 qcow qed vmdk vdi vpc vhdx parallels bochs cloop dmg"),
    /** No driver is named: qemu itself finds out the format from a header. */
    UNDECLARED("file backing data-file", ""),
    /** A header in {@code file}, or in {@code header}, that names nothing. */
    LUKS("file header", "luks"),
    /** Its {@code file}, treated in another way. */
    FILTER("file", "throttle copy-on-read compress preallocate snapshot-access replication"),
    /** Its {@code file}, and another image that it always writes. */
    FILTER_WITH_LOG("file log", "blklogwrites"),
    FILTER_WITH_TARGET("file target", "copy-before-write"),
    /** Its {@code image}; {@code config} is a file. */
    DEBUG("image", "blkdebug blkreplay"),
    /** {@code test} and {@code raw}, which must be equal. */
    VERIFY("test raw", "blkverify"),
    /** {@code children}. */
    QUORUM("children", "quorum"),
    /** Over a network, or through a socket. */
    REMOTE("", "nbd rbd ssh nfs iscsi http https ftp ftps gluster"),
    /** No file at all. */
    NOTHING("", "null-co null-aio"),
    /** A device of the host by its address, a directory, another process: no image. */
    NO_IMAGE("", """
        vvfat nvme io_uring nvme-io_uring virtio-blk-vfio-pci virtio-blk-vhost-user virtio-blk-vhost-vdpa
        """),
    /** In no row. */
    UNKNOWN("", "");

    private static final Map<String, BlockDriver> BY_NAME = byName();

    /** Keys under which a node of any driver has a child, in the order in which they are read. */
    static final List<String> CHILD_KEYS =
            NameTable.inOrder("file backing data-file header image test raw log target children");

    // The list is immutable, which the checker cannot see in the type.
    @SuppressWarnings("ImmutableEnumChecker")
    private final List<String> childKeys;

    // The set is immutable as well.
    @SuppressWarnings("ImmutableEnumChecker")
    private final Set<String> names;

    BlockDriver(String childKeys, String names) {
        this.childKeys = NameTable.inOrder(childKeys);
        this.names = NameTable.of(names);
    }

    /** Keys under which a node of this driver has children; the first is the one that it passes on. */
    public List<String> childKeys() {
        return childKeys;
    }

    /** The driver with this name in qemu, case-sensitive. */
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
