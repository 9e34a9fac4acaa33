package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.HostPath;

/** The facts of a host that one domain needs. Each file is read once, and only if something refers to it. */
final class HostFacts {
    private final LibvirtHost host;
    private final Map<String, Optional<XmlReader.Result>> pools = new HashMap<>();
    private Optional<LibvirtSettings> settings = Optional.empty();
    private Optional<List<FirmwareDescriptor>> firmware = Optional.empty();

    HostFacts(LibvirtHost host) {
        this.host = host;
    }

    LibvirtSettings settings() {
        LibvirtSettings read = settings.orElseGet(() -> LibvirtSettings.of(host.settings()));
        settings = Optional.of(read);
        return read;
    }

    /** Those that can be understood, in their order. */
    List<FirmwareDescriptor> firmware() {
        List<FirmwareDescriptor> read = firmware.orElseGet(() -> host.firmwareDescriptors().stream()
                .flatMap(json -> FirmwareDescriptor.parse(json).stream())
                .toList());
        firmware = Optional.of(read);
        return read;
    }

    /** Empty if there is no pool of that name. */
    Optional<XmlReader.Result> pool(String name) {
        return pools.computeIfAbsent(name, one -> host.pool(one).map(XmlReader::read));
    }

    /** Whether libvirt gives an interface on this network a device of the host, by VFIO. */
    boolean givesDevices(String network) {
        return host.network(network).map(XmlReader::read).flatMap(HostFacts::forwarding).stream()
                .anyMatch("hostdev"::equals);
    }

    /** A network that is active but not defined is inside of its state. */
    private static Optional<String> forwarding(XmlReader.Result result) {
        return result instanceof XmlReader.Read(XmlElement root)
                ? root.child("network").orElse(root).value("forward@mode")
                : Optional.empty();
    }

    List<HostPath> hugePageMounts() {
        return host.hugePageMounts();
    }
}
