package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** {@code <devices>}: one row for each kind of device. */
final class Devices {
    /** Puts what one device says of files into the definition. */
    @FunctionalInterface
    private interface Handler {
        void declare(String where, XmlElement device);
    }

    /** Parts that any device may have. */
    private static final List<String> COMMON =
            List.of("alias", "address", "boot", "acpi", "target", "model", "driver", "rom", "protocol");

    /** @param understood parts that the handler looks at, or that name no file */
    private record Row(Handler handler, Set<String> understood) {}

    private final Domain domain;
    private final CharacterDevices characterDevices;
    private final Map<String, Row> rows = new HashMap<>();

    Devices(Domain domain) {
        this.domain = domain;
        this.characterDevices = new CharacterDevices(domain);
        for (String characterDevice : List.of("serial", "parallel", "console", "channel", "redirdev")) {
            row(characterDevice, characterDevices::declare, "source", "log");
        }
        for (String withoutFile :
                List.of("controller", "hub", "memballoon", "panic", "watchdog", "iommu", "vsock", "nvram", "crypto")) {
            row(withoutFile, (_, _) -> {});
        }
        // Run or read by libvirt, never by qemu as a file of the VM.
        for (String ofLibvirt : List.of("emulator", "lease", "redirfilter", "sound")) {
            row(ofLibvirt, (_, _) -> {}, "source", "codec", "audio", "usbdev", "lockspace", "key");
        }
        row("smartcard", this::smartcard, "source", "log", "certificate", "database");
        row("rng", this::randomNumbers, "backend", "rate");
        row("tpm", this::tpm, "backend");
        row("hostdev", this::hostDevice, "source", "teaming");
        row("memory", this::memory, "source");
        row("shmem", this::sharedMemory, "server", "size", "msi");
        row("filesystem", this::fileSystem, "source", "binary", "readonly", "space_hard_limit", "space_soft_limit");
        row("interface", this::networkInterface, "source", "script", "downscript", "backend", "portForward");
        row("input", this::input, "source");
        row("graphics", this::graphics, "listen", "gl", "audio");
        row("video", this::video, "source");
        row("audio", this::audio, "input", "output");
        row("pstore", this::persistentStore, "path", "size");
    }

    private void row(String name, Handler handler, String... understood) {
        Set<String> parts = new HashSet<>(COMMON);
        parts.addAll(List.of(understood));
        rows.put(name, new Row(handler, Set.copyOf(parts)));
    }

    void devices(XmlElement devices) {
        Disks disks = new Disks(domain);
        Map<String, Integer> seen = new HashMap<>();
        for (XmlElement device : devices.children()) {
            int index = seen.merge(device.name(), 1, Integer::sum) - 1;
            if (device.name().equals("disk")) {
                disks.disk(device, index);
                continue;
            }
            String where = "devices/" + QuotedText.of(device.name()) + "[" + index + "]";
            Row row = rows.get(device.name());
            if (row == null) {
                domain.refuseUnknown("devices", new XmlElement("devices", Map.of(), List.of(device), ""), Set.of());
                continue;
            }
            row.handler.declare(where, device);
            domain.refuseUnknown(where, device, row.understood);
            domain.refuseOwnLabels(new Origin(where), device);
            device.childAttribute("rom", "file")
                    .ifPresent(
                            name -> domain.file(new Origin(where + "/rom"), FileRole.ROM, name, UseAccess.READ_ONLY));
        }
    }

    private void smartcard(String where, XmlElement device) {
        switch (device.attribute("mode").orElse("")) {
            case "passthrough" -> characterDevices.declare(where, device);
            default ->
                domain.out()
                        .notUnderstood(
                                new Origin(where),
                                "a smart card from a directory of certificates",
                                "use mode='passthrough'");
        }
    }

    private void randomNumbers(String where, XmlElement device) {
        device.child("backend").ifPresent(backend -> {
            String place = where + "/backend";
            switch (backend.attribute("model").orElse("")) {
                case "random" ->
                    domain.file(
                            new Origin(place),
                            FileRole.RANDOM_SOURCE,
                            backend.text().isBlank() ? "/dev/urandom" : backend.text(),
                            UseAccess.READ_ONLY);
                case "egd" -> characterDevices.declare(place, backend);
                case "builtin" -> {}
                default ->
                    domain.out()
                            .notUnderstood(
                                    new Origin(place),
                                    "a source of random numbers that is not known",
                                    "use model='random'");
            }
        });
    }

    private void tpm(String where, XmlElement device) {
        Optional<XmlElement> backend = device.child("backend");
        Origin origin = new Origin(where + "/backend");
        switch (backend.flatMap(found -> found.attribute("type")).orElse("")) {
            case "passthrough" ->
                domain.file(
                        origin,
                        FileRole.HOST_DEVICE,
                        backend.flatMap(found -> found.childAttribute("device", "path"))
                                .orElse("/dev/tpm0"),
                        UseAccess.READ_WRITE);
            case "emulator" ->
                domain.madeElsewhere(
                        origin,
                        FileRole.TPM_STATE,
                        backend.flatMap(found -> found.childAttribute("source", "path"))
                                .orElse("/var/lib/libvirt/swtpm/" + domain.uuid()),
                        "libvirt runs swtpm, which keeps its state there; qemu talks to its socket alone");
            case "external" ->
                backend.flatMap(found -> found.childAttribute("source", "path"))
                        .ifPresent(path -> domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE));
            default -> domain.out().notUnderstood(origin, "a TPM that is not known", "use type='emulator'");
        }
    }

    private void hostDevice(String where, XmlElement device) {
        Optional<XmlElement> address = device.child("source").flatMap(source -> source.child("address"));
        Optional<Integer> bus = address.flatMap(found -> number(found, "bus"));
        Optional<Integer> number = address.flatMap(found -> number(found, "device"));
        if (device.has("type", "usb") && bus.isPresent() && number.isPresent()) {
            domain.file(
                    new Origin(where + "/source"),
                    FileRole.HOST_DEVICE,
                    String.format("/dev/bus/usb/%03d/%03d", bus.get(), number.get()),
                    UseAccess.READ_WRITE);
        } else {
            domain.out()
                    .notUnderstood(
                            new Origin(where),
                            "a host device whose nodes only the host's sysfs can tell",
                            "passing devices through is not supported yet, other than USB by bus and device");
        }
    }

    /** libvirt writes them in decimal, octal or hexadecimal, as C does. */
    private static Optional<Integer> number(XmlElement element, String attribute) {
        try {
            return element.attribute(attribute).map(Integer::decode).filter(number -> number >= 0 && number <= 999);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private void memory(String where, XmlElement device) {
        Origin origin = new Origin(where + "/source");
        UseAccess access = device.hasChild("readonly")
                        || device.child("target")
                                .filter(target -> target.hasChild("readonly"))
                                .isPresent()
                ? UseAccess.READ_ONLY
                : UseAccess.READ_WRITE;
        device.child("source")
                .flatMap(source -> source.child("path"))
                .ifPresent(path -> domain.file(origin, FileRole.MEMORY, path.text(), access));
        if (device.has("model", "sgx-epc")) {
            domain.file(origin, FileRole.SHARED_DEVICE, "/dev/sgx_vepc", UseAccess.READ_WRITE);
            domain.file(origin, FileRole.SHARED_DEVICE, "/dev/sgx_provision", UseAccess.READ_ONLY);
        }
    }

    /** Without a server libvirt has qemu open {@code /dev/shm/NAME}. */
    private void sharedMemory(String where, XmlElement device) {
        Origin origin = new Origin(where);
        Optional<XmlElement> server = device.child("server");
        if (server.isPresent()) {
            server.get()
                    .attribute("path")
                    .ifPresent(path -> domain.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE));
            return;
        }
        String name = device.attribute("name").orElse("");
        if (name.isEmpty() || name.contains("/")) {
            domain.out().malformed(origin, "shared memory needs a name, without a slash");
        } else {
            domain.file(origin, FileRole.MEMORY, "/dev/shm/" + name, UseAccess.CREATE);
        }
    }

    private void fileSystem(String where, XmlElement device) {
        Optional<String> socket = device.childAttribute("source", "socket");
        if (socket.isPresent()) {
            domain.file(new Origin(where), FileRole.SOCKET, socket.get(), UseAccess.READ_WRITE);
        } else {
            domain.out()
                    .notUnderstood(
                            new Origin(where),
                            "a directory tree of the host",
                            "run virtiofsd yourself and name its socket: <source socket='…'/>");
        }
    }

    /** Scripts, tap devices and passt are libvirt's own business; qemu gets what is open. */
    private void networkInterface(String where, XmlElement device) {
        Origin origin = new Origin(where);
        switch (device.attribute("type").orElse("")) {
            case "hostdev" ->
                domain.out()
                        .notUnderstood(
                                origin,
                                "a host device whose nodes only the host's sysfs can tell",
                                "passing devices through is not supported yet");
            case "vdpa" ->
                device.childAttribute("source", "dev")
                        .ifPresent(path -> domain.file(origin, FileRole.HOST_DEVICE, path, UseAccess.READ_WRITE));
            case "vhostuser" ->
                characterDevices.declare(
                        where, new XmlElement("interface", Map.of("type", "unix"), device.all("source"), ""));
            case "network",
                    "bridge",
                    "user",
                    "direct",
                    "ethernet",
                    "internal",
                    "mcast",
                    "udp",
                    "server",
                    "client",
                    "null",
                    "vds" -> {}
            default -> domain.out().notUnderstood(origin, "an interface that is not known", "use type='network'");
        }
    }

    private void input(String where, XmlElement device) {
        for (String attribute : List.of("evdev", "dev")) {
            device.childAttribute("source", attribute)
                    .ifPresent(path -> domain.file(
                            new Origin(where + "/source"), FileRole.HOST_DEVICE, path, UseAccess.READ_WRITE));
        }
    }

    private void graphics(String where, XmlElement device) {
        Origin origin = new Origin(where);
        String reason = "qemu listens there: it makes the socket itself";
        device.attribute("socket").ifPresent(path -> domain.socket(origin, path, reason));
        for (XmlElement listen : device.all("listen")) {
            listen.attribute("socket").ifPresent(path -> domain.socket(origin, path, reason));
        }
        renderNode(origin, device.child("gl"));
    }

    private void video(String where, XmlElement device) {
        renderNode(new Origin(where), device.child("model").flatMap(model -> model.child("acceleration")));
    }

    private void renderNode(Origin origin, Optional<XmlElement> element) {
        element.flatMap(found -> found.attribute("rendernode"))
                .ifPresent(path -> domain.file(origin, FileRole.SHARED_DEVICE, path, UseAccess.READ_WRITE));
    }

    private void audio(String where, XmlElement device) {
        Origin origin = new Origin(where);
        device.attribute("path").ifPresent(path -> domain.file(origin, FileRole.LOG, path, UseAccess.CREATE));
        for (String direction : List.of("input", "output")) {
            device.childAttribute(direction, "dev")
                    .filter(name -> name.startsWith("/"))
                    .ifPresent(path -> domain.file(origin, FileRole.SHARED_DEVICE, path, UseAccess.READ_WRITE));
        }
        if (device.attribute("serverName").orElse("").contains("/")) {
            domain.out().notUnderstood(origin, "a sound server's socket", "use type='spice' or type='none'");
        }
    }

    private void persistentStore(String where, XmlElement device) {
        device.child("path")
                .ifPresent(path ->
                        domain.file(new Origin(where + "/path"), FileRole.NVRAM, path.text(), UseAccess.CREATE));
    }
}
