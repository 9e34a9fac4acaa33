package labeler.vm.qemu.block;

import java.util.Optional;
import labeler.json.Json.JsonObject;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Block drivers whose disk is no image but a device, a directory or another process of this host. */
final class HostDisks {
    /** The directory in which vvfat puts what the guest writes (unless {@code $TMPDIR} is set). */
    private static final String TEMPORARY = "/var/tmp";

    private static final NodeTarget DECLARED = new NodeTarget.Declared();
    private static final NodeTarget NOTHING = new NodeTarget.Nothing();

    private HostDisks() {}

    static NodeTarget declare(String driver, JsonObject options, Origin origin, DefinitionBuilder out) {
        return switch (driver) {
            case "nvme" -> device(options, "device", origin, out);
            case "virtio-blk-vfio-pci" -> device(options, "path", origin, out);
            case "vvfat" -> {
                boolean writes = Settings.isOn("rw", options);
                yield options.text("dir")
                        .map(directory -> directory(directory, writes, origin, out))
                        .orElse(NOTHING);
            }
            case "virtio-blk-vhost-user" -> file(options, FileRole.SOCKET, origin, out);
            case "virtio-blk-vhost-vdpa", "nvme-io_uring" -> file(options, FileRole.HOST_DEVICE, origin, out);
            default -> {
                out.notUnderstood(
                        origin,
                        "the block driver " + driver + " takes no descriptor for its file",
                        "give the image with driver file or host_device, with aio=io_uring");
                yield NOTHING;
            }
        };
    }

    private static NodeTarget device(JsonObject options, String key, Origin origin, DefinitionBuilder out) {
        String address = options.text(key).orElse("");
        return DeviceAddress.pci(address)
                .or(() -> DeviceAddress.ofSysfs(address))
                .map(device -> {
                    out.use(new DeclaredUse.DeviceUse(origin, FileRole.HOST_DEVICE, device));
                    return DECLARED;
                })
                .orElseGet(() -> {
                    out.notUnderstood(
                            origin,
                            "the device " + ByteText.shown(address) + " is no address of a PCI device",
                            "write it as 0000:00:00.0");
                    return NOTHING;
                });
    }

    /** A disk that qemu makes of the files in a directory, each as it is read. */
    static NodeTarget directory(String directory, boolean writes, Origin origin, DefinitionBuilder out) {
        out.path(origin, ByteText.bytes(directory))
                .ifPresent(root -> out.use(new DeclaredUse.TreeUse(origin, FileRole.TREE, root, UseAccess.of(writes))));
        if (writes) {
            out.made(
                    origin,
                    FileRole.DISK,
                    ByteText.bytes(TEMPORARY),
                    Making.NAMELESS,
                    "qemu keeps what the guest writes in a nameless file that it makes there");
        }
        return DECLARED;
    }

    private static NodeTarget file(JsonObject options, FileRole role, Origin origin, DefinitionBuilder out) {
        Optional<String> path = options.text("path");
        if (path.isEmpty()) {
            out.malformed(origin, "a block node without its path");
            return NOTHING;
        }
        out.file(origin, role, ByteText.bytes(path.get()), UseAccess.READ_WRITE);
        return DECLARED;
    }
}
