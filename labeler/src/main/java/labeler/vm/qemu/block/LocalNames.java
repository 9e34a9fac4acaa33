package labeler.vm.qemu.block;

import java.util.Optional;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/** Names of disks with a protocol that leads to this host: {@code fat:}, {@code nvme:}, {@code nbd} at a Unix socket. */
final class LocalNames {
    private static final String NBD_SOCKET = "nbd:unix:";
    private static final String NBD_EXPORT = ":exportname=";
    private static final String SOCKET_OF_URL = "?socket=";

    private LocalNames() {}

    /** Whether it is such a name, and its files are now in the definition. */
    static boolean declare(String name, Origin origin, DefinitionBuilder out) {
        if (name.startsWith("fat:")) {
            return fat(name, origin, out);
        }
        if (name.startsWith("nvme://")) {
            return nvme(name.substring("nvme://".length()), origin, out);
        }
        Optional<String> socket = name.startsWith(NBD_SOCKET)
                ? Optional.of(name.substring(NBD_SOCKET.length()).split(NBD_EXPORT, 2)[0])
                : ofUrl(name);
        socket.ifPresent(path -> out.file(origin, FileRole.SOCKET, ByteText.bytes(path), UseAccess.READ_WRITE));
        return socket.isPresent();
    }

    /** {@code fat:floppy:rw:DIRECTORY}; all before the last colon is about the way. */
    private static boolean fat(String name, Origin origin, DefinitionBuilder out) {
        int colon = name.lastIndexOf(':');
        boolean hasDrive = colon >= 2 && name.charAt(colon - 2) == ':' && Character.isLetter(name.charAt(colon - 1));
        if (!hasDrive) {
            HostDisks.directory(name.substring(colon + 1), name.contains(":rw:"), origin, out);
        }
        return !hasDrive;
    }

    /** {@code nvme://0000:01:00.0/1}: a device and the number of a namespace on it. */
    private static boolean nvme(String place, Origin origin, DefinitionBuilder out) {
        Optional<HostDevice> device =
                DeviceAddress.pci(ByteText.split(place, '/').getFirst());
        device.ifPresent(found -> out.use(new DeclaredUse.DeviceUse(origin, FileRole.HOST_DEVICE, found)));
        return device.isPresent();
    }

    /** {@code nbd+unix:///EXPORT?socket=PATH}, with nothing after it. */
    private static Optional<String> ofUrl(String name) {
        int socket = name.indexOf(SOCKET_OF_URL);
        return name.startsWith("nbd+unix://") && socket >= 0 && !name.contains("&")
                ? ByteText.decoded(name.substring(socket + SOCKET_OF_URL.length()))
                : Optional.empty();
    }
}
