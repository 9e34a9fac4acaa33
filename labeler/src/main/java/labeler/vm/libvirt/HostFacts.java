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

    /** The means that libvirt gives an interface on a network. */
    enum Network {
        /** A device of the host, by VFIO. */
        DEVICES,
        /** Something that libvirt itself opens. */
        NO_DEVICES,
        /** The host has no network of that name, or its XML cannot be read. */
        UNKNOWN
    }

    Network network(String name) {
        return host.network(name).map(XmlReader::read).map(HostFacts::given).orElse(Network.UNKNOWN);
    }

    /** A network that is active but not defined is inside of its state. */
    private static Network given(XmlReader.Result result) {
        return switch (result) {
            case XmlReader.NotXml _ -> Network.UNKNOWN;
            case XmlReader.Read(XmlElement root) ->
                root.child("network").orElse(root).value("forward@mode").equals(Optional.of("hostdev"))
                        ? Network.DEVICES
                        : Network.NO_DEVICES;
        };
    }

    List<HostPath> hugePageMounts() {
        return host.hugePageMounts();
    }
}
