package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.problem.QuotedText;
import labeler.vm.AlsaName;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;

/** {@code <devices>}: one row for each kind of device. */
final class Devices {
    /** Puts a device's statements about files into the definition. */
    @FunctionalInterface
    private interface Handler {
        void declare(Place place, XmlElement device);
    }

    /** The file that qemu makes where none is named: in its directory, which is / for libvirt's domains. */
    private static final String RECORD = "/qemu.wav";

    /** Parts that any device may have. */
    private static final String COMMON = " alias address boot acpi target model driver rom protocol";

    private static final Set<String> INTERFACES_WITHOUT_FILES =
            NameTable.of("bridge user direct ethernet internal mcast udp server client null vds");

    /** @param understood parts that the handler reads, or that name no file */
    private record Row(Handler handler, Set<String> understood) {}

    private final Domain domain;
    private final Map<String, Row> rows = new HashMap<>();

    Devices(Domain domain) {
        this.domain = domain;
        row("serial parallel console channel redirdev", this::characterDevice, "source log");
        row("controller hub memballoon panic watchdog iommu vsock nvram crypto", (_, _) -> {}, "");
        // libvirt runs or reads these; qemu never opens them as a file of the VM.
        row("emulator lease redirfilter sound", (_, _) -> {}, "source codec audio usbdev lockspace key");
        row("smartcard", this::smartcard, "source log certificate database");
        row("rng", this::randomNumbers, "backend rate");
        row("tpm", this::tpm, "backend");
        row("hostdev", HostDevices::declare, "source teaming");
        row("memory", GuestMemory::module, "source");
        row("shmem", GuestMemory::shared, "server size msi");
        row("filesystem", Devices::fileSystem, "source binary readonly space_hard_limit space_soft_limit");
        row("interface", this::networkInterface, "source script downscript backend portForward actual");
        row("input", Devices::input, "source");
        row("graphics", new Graphics(domain)::declare, "listen gl audio");
        row("video", Devices::video, "source");
        row("audio", Devices::audio, "input output");
        row("pstore", this::persistentStore, "path size");
    }

    private void row(String names, Handler handler, String understood) {
        Row row = new Row(handler, NameTable.of(understood + COMMON));
        NameTable.of(names).forEach(name -> rows.put(name, row));
    }

    void devices(XmlElement devices) {
        Map<String, Integer> seen = new HashMap<>();
        for (XmlElement device : devices.children()) {
            if (domain.out().isFull()) {
                return;
            }
            int index = seen.merge(device.name(), 1, Integer::sum) - 1;
            Row row = rows.get(device.name());
            if (device.name().equals("disk")) {
                DiskLayer.disk(domain, device, index);
            } else if (row == null) {
                domain.at("devices").refuseUnknown(device);
            } else if (!CharacterDevices.isTwin(devices, device, index)) {
                Place place = domain.at("devices/" + QuotedText.of(device.name()) + "[" + index + "]");
                row.handler.declare(place, device);
                place.refuseUnknown(device, row.understood);
                OwnLabels.declare(place, device);
                place.below("rom").file(FileRole.ROM, device.value("rom@file"), UseAccess.READ_ONLY);
            }
        }
    }

    private void characterDevice(Place place, XmlElement device) {
        CharacterDevices.declare(domain, place, device);
    }

    /** A card that qemu plays itself gets its keys from a data base of certificates. */
    private void smartcard(Place place, XmlElement device) {
        if (device.has("mode", "passthrough")) {
            characterDevice(place, device);
            return;
        }
        Certificates.ofCard(
                place.below("database"),
                device.value("database").filter(name -> !name.isEmpty()),
                domain.isLabelledHere());
        if (device.has("mode", "host")) {
            place.optional(FileRole.SOCKET, "/run/pcscd/pcscd.comm", UseAccess.READ_WRITE);
        }
    }

    private void randomNumbers(Place place, XmlElement device) {
        device.child("backend").ifPresent(backend -> {
            Place source = place.below("backend");
            switch (backend.value("@model").orElse("")) {
                case "random" ->
                    source.file(
                            FileRole.RANDOM_SOURCE,
                            backend.text().isBlank() ? "/dev/random" : backend.text(),
                            UseAccess.READ_ONLY);
                case "egd" -> characterDevice(source, backend);
                case "builtin" -> {}
                default -> source.notUnderstood("a source of random numbers that is not known", "use model='random'");
            }
        });
    }

    private void tpm(Place device, XmlElement tpm) {
        Place place = device.below("backend");
        switch (tpm.value("backend@type").orElse("")) {
            case "passthrough" -> chip(place, tpm.value("backend/device@path").orElse("/dev/tpm0"));
            case "emulator" -> {
                place.privateSocket(domain, "swtpm", "-swtpm.sock", "libvirt runs swtpm, which makes its socket there");
                place.made(
                        FileRole.TPM_STATE,
                        tpm.value("backend/source@path").orElse("/var/lib/libvirt/swtpm/" + domain.uuid()),
                        Making.ELSEWHERE,
                        "libvirt runs swtpm, which keeps its state there; qemu talks to its socket alone");
            }
            case "external" -> place.file(FileRole.SOCKET, tpm.value("backend/source@path"), UseAccess.READ_WRITE);
            default -> place.notUnderstood("a TPM that is not known", "use type='emulator'");
        }
    }

    /** qemu reads the tree itself (9p, mtp), or virtiofsd does for it, which libvirt runs with the VM's label. */
    private static void fileSystem(Place place, XmlElement device) {
        Optional<String> socket = device.value("source@socket");
        UseAccess access = UseAccess.of(!device.hasChild("readonly"));
        boolean isServed = device.value("driver@type").equals(Optional.of("virtiofs"));
        if (socket.isPresent()) {
            place.file(FileRole.SOCKET, socket, UseAccess.READ_WRITE);
        } else if (!device.value("@type").orElse("mount").equals("mount")) {
            place.notUnderstood("a file system for a container", "use type='mount'");
        } else {
            place.below(isServed ? "source (virtiofsd reads it for the guest)" : "source")
                    .tree(device.value("source@dir"), access);
        }
    }

    /** Scripts, tap devices and passt are libvirt's own business; qemu gets open descriptors. */
    private void networkInterface(Place place, XmlElement device) {
        if (device.value("backend@type").equals(Optional.of("passt"))) {
            place.privateSocket(domain, "passt", "", "libvirt runs passt, which makes its socket there");
        }
        switch (device.value("@type").orElse("")) {
            case "hostdev" -> HostDevices.declareInterface(place, device);
            case "vdpa" -> place.file(FileRole.HOST_DEVICE, device.value("source@dev"), UseAccess.READ_WRITE);
            case "vhostuser" -> vhostUser(place, device);
            case "network" -> network(place, device);
            default -> {
                if (!INTERFACES_WITHOUT_FILES.contains(device.value("@type").orElse(""))) {
                    place.notUnderstood("an interface that is not known", "use type='network'");
                }
            }
        }
    }

    /** Beside its node, a chip has a file by which its work can be cancelled. */
    private static void chip(Place place, String node) {
        place.file(FileRole.HOST_DEVICE, node, UseAccess.READ_WRITE);
        String name = node.substring(node.lastIndexOf('/') + 1);
        for (String cancel :
                List.of("/sys/class/tpm/" + name + "/device/cancel", "/sys/class/misc/" + name + "/device/cancel")) {
            place.optional(FileRole.HOST_DEVICE, cancel, UseAccess.READ_WRITE);
        }
    }

    private static void input(Place place, XmlElement device) {
        for (String attribute : List.of("source@evdev", "source@dev")) {
            place.below("source").file(FileRole.HOST_DEVICE, device.value(attribute), UseAccess.READ_WRITE);
        }
    }

    /**
     * A network may have a pool of devices, of which libvirt takes one after its hook. Once the domain runs, its state says
     * which. (libvirt itself passes over these words in an administrator's XML.)
     */
    private void network(Place place, XmlElement device) {
        Optional<XmlElement> given = domain.persistent().flatMap(_ -> device.child("actual"));
        if (given.isPresent()) {
            if (given.get().has("type", "hostdev")) {
                HostDevices.declareInterface(place.below("actual"), given.get());
            }
            return;
        }
        String name = device.value("source@network").orElse("");
        switch (domain.host().network(name)) {
            case NO_DEVICES -> {}
            case DEVICES ->
                place.notUnderstood(
                        "libvirt gives it a device of the host from the pool of the network " + QuotedText.of(name)
                                + ", and nobody knows which before the start",
                        "name the device: <interface type='hostdev'>");
            case UNKNOWN -> {
                // Without a name it is no interface for libvirt.
                if (!name.isEmpty()) {
                    place.notUnderstood(
                            "this host has no network " + QuotedText.of(name)
                                    + ", or labeler cannot read it: it may give it a device of the host",
                            "define the network (only root can read it, and with SELinux labeler's policy module has"
                                    + " to be up to date: labeler policy install), or use type='bridge' or 'hostdev'");
                }
            }
        }
    }

    /** Without a path there is passt behind it. */
    private static void vhostUser(Place place, XmlElement device) {
        device.all("source").stream()
                .filter(source -> source.value("@path").isPresent())
                .forEach(source -> CharacterDevices.unix(place.below("source"), source));
    }

    /** A card that another process draws (vhost-user-gpu) is that process's: libvirt runs it. */
    private static void video(Place place, XmlElement device) {
        place.file(FileRole.SHARED_DEVICE, device.value("model/acceleration@rendernode"), UseAccess.READ_WRITE);
        if (device.value("model@blob").equals(Optional.of("on"))) {
            buffers(place, device);
        }
    }

    /** A card with a renderer starts without the node. */
    private static void buffers(Place place, XmlElement device) {
        String node = SharedDevices.BUFFERS.toString();
        if (device.value("driver@name").equals(Optional.of("vhostuser"))) {
            return;
        }
        if (device.value("model/acceleration@accel3d").equals(Optional.of("yes"))) {
            place.optional(FileRole.SHARED_DEVICE, node, UseAccess.READ_WRITE);
        } else {
            place.file(FileRole.SHARED_DEVICE, node, UseAccess.READ_WRITE);
        }
    }

    private static void audio(Place place, XmlElement device) {
        place.file(
                FileRole.LOG,
                device.value("@path").or(() -> Optional.of(RECORD).filter(_ -> device.has("type", "file"))),
                UseAccess.CREATE);
        Optional<String> usual = Optional.of("/dev/dsp").filter(_ -> device.has("type", "oss"));
        Stream.of("input@dev", "output@dev")
                .flatMap(name -> device.value(name).or(() -> usual).stream())
                .distinct()
                .forEach(name -> soundDevice(place, name, usual.isPresent()));
        String server = device.value("@serverName").orElse("");
        if (device.has("type", "pulseaudio") && server.contains("/")) {
            place.file(
                    FileRole.SOCKET, server.startsWith("unix:") ? server.substring(5) : server, UseAccess.READ_WRITE);
        }
        device.value("@runtimeDir")
                .filter(_ -> device.has("type", "pipewire"))
                .ifPresent(directory -> place.file(FileRole.SOCKET, directory + "/pipewire-0", UseAccess.READ_WRITE));
    }

    private static void soundDevice(Place place, String name, boolean isNode) {
        if (isNode || name.startsWith("/")) {
            place.file(FileRole.SHARED_DEVICE, name, UseAccess.READ_WRITE);
        } else if (!AlsaName.isPlain(name)) {
            place.notUnderstood("the sound device " + QuotedText.of(name) + AlsaName.DANGER, AlsaName.WAY_OUT);
        }
    }

    private void persistentStore(Place place, XmlElement device) {
        String name = device.value("path")
                .filter(given -> !given.isEmpty())
                .orElseGet(() -> Firmware.VARIABLES + domain.name() + "_PSTORE.raw");
        place.below("path").file(FileRole.NVRAM, name, UseAccess.CREATE);
    }
}
