package labeler.vm.libvirt;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;

/** {@code <devices>}: one row for each kind of device. */
final class Devices {
    /** Puts a device's statements about files into the definition. */
    @FunctionalInterface
    private interface Handler {
        void declare(Place place, XmlElement device);
    }

    /** Parts that any device may have. */
    private static final String COMMON = " alias address boot acpi target model driver rom protocol";

    private static final Set<String> INTERFACES_WITHOUT_FILES =
            NameTable.of("network bridge user direct ethernet internal mcast udp server client null vds");

    /** @param understood parts that the handler reads, or that name no file */
    private record Row(Handler handler, Set<String> understood) {}

    private final Domain domain;
    private final Map<String, Row> rows = new HashMap<>();

    Devices(Domain domain) {
        this.domain = domain;
        row("serial parallel console channel redirdev", CharacterDevices::declare, "source log");
        row("controller hub memballoon panic watchdog iommu vsock nvram crypto", (_, _) -> {}, "");
        // libvirt runs or reads these; qemu never opens them as a file of the VM.
        row("emulator lease redirfilter sound", (_, _) -> {}, "source codec audio usbdev lockspace key");
        row("smartcard", Devices::smartcard, "source log certificate database");
        row("rng", Devices::randomNumbers, "backend rate");
        row("tpm", this::tpm, "backend");
        row("hostdev", Devices::hostDevice, "source teaming");
        row("memory", Devices::memory, "source");
        row("shmem", Devices::sharedMemory, "server size msi");
        row("filesystem", Devices::fileSystem, "source binary readonly space_hard_limit space_soft_limit");
        row("interface", Devices::networkInterface, "source script downscript backend portForward");
        row("input", Devices::input, "source");
        row("graphics", Devices::graphics, "listen gl audio");
        row("video", (place, device) -> renderNode(place, device.value("model/acceleration@rendernode")), "source");
        row("audio", Devices::audio, "input output");
        row("pstore", Devices::persistentStore, "path size");
    }

    private void row(String names, Handler handler, String understood) {
        Row row = new Row(handler, NameTable.of(understood + COMMON));
        NameTable.of(names).forEach(name -> rows.put(name, row));
    }

    void devices(XmlElement devices) {
        Map<String, Integer> seen = new HashMap<>();
        for (XmlElement device : devices.children()) {
            int index = seen.merge(device.name(), 1, Integer::sum) - 1;
            Row row = rows.get(device.name());
            if (device.name().equals("disk")) {
                DiskLayer.disk(domain, device, index);
            } else if (row == null) {
                domain.at("devices").refuseUnknown(device);
            } else {
                Place place = domain.at("devices/" + QuotedText.of(device.name()) + "[" + index + "]");
                row.handler.declare(place, device);
                place.refuseUnknown(device, row.understood);
                place.refuseOwnLabels(device);
                place.below("rom").file(FileRole.ROM, device.value("rom@file"), UseAccess.READ_ONLY);
            }
        }
    }

    private static void smartcard(Place place, XmlElement device) {
        if (device.has("mode", "passthrough")) {
            CharacterDevices.declare(place, device);
        } else {
            place.notUnderstood("a smart card from a directory of certificates", "use mode='passthrough'");
        }
    }

    private static void randomNumbers(Place place, XmlElement device) {
        device.child("backend").ifPresent(backend -> {
            Place source = place.below("backend");
            switch (backend.value("@model").orElse("")) {
                case "random" ->
                    source.file(
                            FileRole.RANDOM_SOURCE,
                            backend.text().isBlank() ? "/dev/urandom" : backend.text(),
                            UseAccess.READ_ONLY);
                case "egd" -> CharacterDevices.declare(source, backend);
                case "builtin" -> {}
                default -> source.notUnderstood("a source of random numbers that is not known", "use model='random'");
            }
        });
    }

    private void tpm(Place device, XmlElement tpm) {
        Place place = device.below("backend");
        switch (tpm.value("backend@type").orElse("")) {
            case "passthrough" ->
                place.file(
                        FileRole.HOST_DEVICE,
                        tpm.value("backend/device@path").orElse("/dev/tpm0"),
                        UseAccess.READ_WRITE);
            case "emulator" ->
                place.made(
                        FileRole.TPM_STATE,
                        tpm.value("backend/source@path").orElse("/var/lib/libvirt/swtpm/" + domain.uuid()),
                        Making.ELSEWHERE,
                        "libvirt runs swtpm, which keeps its state there; qemu talks to its socket alone");
            case "external" -> place.file(FileRole.SOCKET, tpm.value("backend/source@path"), UseAccess.READ_WRITE);
            default -> place.notUnderstood("a TPM that is not known", "use type='emulator'");
        }
    }

    private static void hostDevice(Place place, XmlElement device) {
        Optional<Integer> bus = number(device.value("source/address@bus"));
        Optional<Integer> number = number(device.value("source/address@device"));
        if (device.has("type", "usb") && bus.isPresent() && number.isPresent()) {
            place.below("source")
                    .file(
                            FileRole.HOST_DEVICE,
                            String.format("/dev/bus/usb/%03d/%03d", bus.get(), number.get()),
                            UseAccess.READ_WRITE);
        } else {
            place.notUnderstood(
                    "a host device whose nodes only the host's sysfs can tell",
                    "passing devices through is not supported yet, other than USB by bus and device");
        }
    }

    /** libvirt writes numbers in decimal, octal or hexadecimal, as C does. */
    private static Optional<Integer> number(Optional<String> text) {
        try {
            return text.map(Integer::decode).filter(number -> number >= 0 && number <= 999);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static void memory(Place device, XmlElement memory) {
        Place place = device.below("source");
        boolean isReadOnly = memory.hasChild("readonly")
                || memory.child("target")
                        .filter(target -> target.hasChild("readonly"))
                        .isPresent();
        place.file(
                FileRole.MEMORY, memory.value("source/path"), isReadOnly ? UseAccess.READ_ONLY : UseAccess.READ_WRITE);
        if (memory.has("model", "sgx-epc")) {
            place.file(FileRole.SHARED_DEVICE, "/dev/sgx_vepc", UseAccess.READ_WRITE);
            place.file(FileRole.SHARED_DEVICE, "/dev/sgx_provision", UseAccess.READ_ONLY);
        }
    }

    /** Without a server libvirt has qemu open {@code /dev/shm/NAME}. */
    private static void sharedMemory(Place place, XmlElement device) {
        String name = device.value("@name").orElse("");
        if (device.hasChild("server")) {
            place.file(FileRole.SOCKET, device.value("server@path"), UseAccess.READ_WRITE);
        } else if (name.isEmpty() || name.contains("/")) {
            place.malformed("shared memory needs a name, without a slash");
        } else {
            place.file(FileRole.MEMORY, "/dev/shm/" + name, UseAccess.CREATE);
        }
    }

    private static void fileSystem(Place place, XmlElement device) {
        Optional<String> socket = device.value("source@socket");
        if (socket.isPresent()) {
            place.file(FileRole.SOCKET, socket, UseAccess.READ_WRITE);
        } else {
            place.notUnderstood(
                    "a directory tree of the host", "run virtiofsd yourself and name its socket: <source socket='…'/>");
        }
    }

    /** Scripts, tap devices and passt are libvirt's own business; qemu gets open descriptors. */
    private static void networkInterface(Place place, XmlElement device) {
        switch (device.value("@type").orElse("")) {
            case "hostdev" ->
                place.notUnderstood(
                        "a host device whose nodes only the host's sysfs can tell",
                        "passing devices through is not supported yet");
            case "vdpa" -> place.file(FileRole.HOST_DEVICE, device.value("source@dev"), UseAccess.READ_WRITE);
            case "vhostuser" ->
                device.all("source").forEach(source -> CharacterDevices.unix(place.below("source"), source));
            default -> {
                if (!INTERFACES_WITHOUT_FILES.contains(device.value("@type").orElse(""))) {
                    place.notUnderstood("an interface that is not known", "use type='network'");
                }
            }
        }
    }

    private static void input(Place place, XmlElement device) {
        for (String attribute : List.of("source@evdev", "source@dev")) {
            place.below("source").file(FileRole.HOST_DEVICE, device.value(attribute), UseAccess.READ_WRITE);
        }
    }

    private static void graphics(Place place, XmlElement device) {
        String reason = "qemu listens there: it makes the socket itself";
        place.socket(device.value("@socket"), reason);
        device.all("listen").forEach(listen -> place.socket(listen.value("@socket"), reason));
        renderNode(place, device.value("gl@rendernode"));
    }

    private static void renderNode(Place place, Optional<String> path) {
        place.file(FileRole.SHARED_DEVICE, path, UseAccess.READ_WRITE);
    }

    private static void audio(Place place, XmlElement device) {
        place.file(FileRole.LOG, device.value("@path"), UseAccess.CREATE);
        for (String node : List.of("input@dev", "output@dev")) {
            place.file(
                    FileRole.SHARED_DEVICE,
                    device.value(node).filter(name -> name.startsWith("/")),
                    UseAccess.READ_WRITE);
        }
        if (device.value("@serverName").orElse("").contains("/")) {
            place.notUnderstood("a sound server's socket", "use type='spice' or type='none'");
        }
    }

    private static void persistentStore(Place place, XmlElement device) {
        place.below("path").file(FileRole.NVRAM, device.value("path"), UseAccess.CREATE);
    }
}
