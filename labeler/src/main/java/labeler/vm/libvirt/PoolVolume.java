package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.vm.NameTable;

/** The place of a volume of a storage pool, by the pool's XML. libvirt itself may not be asked from its own hook. */
public sealed interface PoolVolume {
    /** A file or a block device of this host. */
    record File(String path) implements PoolVolume {}

    /** Reached over a network. */
    record Remote(String protocol) implements PoolVolume {}

    /** The pools of a host, each read once. */
    final class Pools {
        private final LibvirtHost host;
        private final Map<String, Optional<XmlReader.Result>> read = new HashMap<>();

        public Pools(LibvirtHost host) {
            this.host = host;
        }

        /** The place of a volume, as {@link PoolVolume#find} has it. */
        public PoolVolume place(DomainFacts.Volume volume) {
            return find(
                    read.computeIfAbsent(volume.pool(), pool -> host.pool(pool).map(XmlReader::read)),
                    volume.name(),
                    volume.isDirect());
        }
    }

    /** {@code reason} in words. */
    record Unknown(String reason) implements PoolVolume {}

    /** Pools in which each volume is a file of that name in one directory. */
    Set<String> DIRECTORIES = NameTable.of("dir fs netfs logical disk mpath vstorage");

    /** Pools of which qemu itself reaches the server. */
    Set<String> SERVERS = NameTable.of("rbd gluster sheepdog iscsi-direct");

    /**
     * The place of a volume.
     *
     * @param isDirect whether qemu itself is to reach the pool's server, instead of a device of this host
     */
    static PoolVolume find(Optional<XmlReader.Result> pool, String volume, boolean isDirect) {
        if (pool.isEmpty()) {
            return new Unknown("this host has no such pool, or labeler cannot read it");
        }
        return switch (pool.get()) {
            case XmlReader.NotXml(String message) -> new Unknown("the pool's XML is " + message);
            // A pool that is active but not defined is inside of its state.
            case XmlReader.Read(XmlElement root) -> find(root.child("pool").orElse(root), volume, isDirect);
        };
    }

    private static PoolVolume find(XmlElement pool, String volume, boolean isDirect) {
        String type = pool.value("@type").orElse("");
        Optional<String> target = pool.value("target/path").filter(path -> path.startsWith("/"));
        if (volume.isEmpty() || volume.contains("/") || volume.equals(".") || volume.equals("..")) {
            return new Unknown("its name is no file's");
        } else if (SERVERS.contains(type)) {
            return new Remote(type.equals("iscsi-direct") ? "iscsi" : type);
        } else if (type.equals("iscsi")) {
            return isDirect ? new Remote("iscsi") : unit(pool, target, volume);
        } else if (type.equals("zfs")) {
            return pool.value("source/name")
                    .<PoolVolume>map(name -> new File("/dev/zvol/" + name + "/" + volume))
                    .orElseGet(() -> new Unknown("the pool has no name"));
        } else if (!DIRECTORIES.contains(type)) {
            return new Unknown("only libvirt knows the devices of a pool of this type");
        }
        Optional<String> directory = type.equals("logical")
                ? target.or(() -> pool.value("source/name").map(name -> "/dev/" + name))
                : target;
        return directory
                .<PoolVolume>map(path -> new File(path + "/" + volume))
                .orElseGet(() -> new Unknown("the pool has no directory"));
    }

    /** A unit of an iSCSI target, by the name that udev gives it: {@code unit:0:0:LUN}. */
    private static PoolVolume unit(XmlElement pool, Optional<String> target, String volume) {
        Optional<String> host = pool.value("source/host@name");
        Optional<String> name = pool.value("source/device@path");
        String port = pool.value("source/host@port").orElse("3260");
        if (target.isEmpty() || host.isEmpty() || name.isEmpty() || !volume.matches("unit:0:0:[0-9]{1,5}")) {
            return new Unknown("only libvirt knows the devices of this pool");
        }
        String unit = volume.substring(volume.lastIndexOf(':') + 1);
        return new File(target.get() + "/ip-" + host.get() + ":" + port + "-iscsi-" + name.get() + "-lun-" + unit);
    }
}
