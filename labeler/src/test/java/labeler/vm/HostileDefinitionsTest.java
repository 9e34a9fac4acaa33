package labeler.vm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import labeler.linux.HostPath;
import labeler.vm.libvirt.DomainXml;
import labeler.vm.libvirt.LibvirtHost;
import labeler.vm.qemu.handover.DescriptorCommandLine;
import labeler.vm.qemu.handover.RewriteResult;
import labeler.vm.qemu.option.QemuCommandLine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** For any input the answer is a definition or problems. The limit ends a test without an answer. */
@Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HostileDefinitionsTest {
    private static final int CASES = 20_000;

    private static final List<String> WORDS = List.of(
            "-drive",
            "-blockdev",
            "-device",
            "-object",
            "-chardev",
            "-netdev",
            "-serial",
            "-machine",
            "-hda",
            "-kernel",
            "-fw_cfg",
            "-set",
            "-global",
            "-L",
            "-initrd",
            "-incoming",
            "-display",
            "-vnc",
            "-acpitable",
            "-boot",
            "-fsdev",
            "-tpmdev",
            "-audiodev",
            "-spice",
            "vfio-pci,host=",
            "sysfsdev=/sys/",
            "usb-host,vendorid=0x",
            "tls-creds-x509,dir=",
            "addr=unix:path=",
            "fat:",
            "nvme://",
            "nbd+unix://?socket=",
            "%",
            "file=",
            "driver=",
            "node-name=",
            "qcow2",
            "raw",
            "file",
            "backing",
            "file.file.",
            "json:",
            "{",
            "}",
            "[",
            "]",
            "\"",
            ":",
            ",",
            ",,",
            "=",
            ".",
            "/",
            "null",
            "true",
            "1",
            "a",
            "b",
            "quorum",
            "children.0=",
            "children.1=",
            "\"driver\":\"raw\"",
            "\"file\":",
            "\"node-name\":\"a\"",
            "read-only=on",
            "no",
            "on",
            "nbd:",
            "unix:",
            "path=",
            "socket,",
            "server",
            "help",
            "id=",
            "\u00e9",
            "\u0000",
            "\n",
            "%d",
            "--",
            "-");

    private static final List<String> TAGS = List.of(
            "domain type='kvm'",
            "domain",
            "devices",
            "disk type='file'",
            "disk",
            "source file='/a'",
            "source",
            "os",
            "backingStore type='file'",
            "backingStore",
            "format type='qcow2'",
            "driver type='qcow2'",
            "kernel",
            "nvram",
            "loader type='pflash'",
            "serial type='file'",
            "tpm",
            "backend type='emulator'",
            "hostdev",
            "hostdev type='pci'",
            "hostdev type='usb'",
            "hostdev type='mdev'",
            "hostdev type='scsi'",
            "hostdev mode='capabilities'",
            "adapter name='scsi_host99999999999999999999'",
            "address uuid='-'",
            "vendor id='0x'",
            "product id='-0x1'",
            "seclabel",
            "seclabel relabel='no'",
            "seclabel type='static'",
            "baselabel",
            "disk type='volume'",
            "disk type='nvme'",
            "disk type='dir'",
            "disk type='vhostuser'",
            "disk type='network'",
            "source pool='../p' volume='/v'",
            "source dir=''",
            "source protocol='nbd' tls='yes'",
            "reservations managed='yes'",
            "transient",
            "console type='file'",
            "serial type='tcp'",
            "source tls='yes'",
            "filesystem",
            "smartcard mode='host'",
            "graphics type='egl-headless'",
            "graphics type='dbus' address='unix:path='",
            "graphics type='sdl' display=':1.'",
            "audio type='pulseaudio' serverName='unix:'",
            "memoryBacking",
            "hugepages",
            "source type='file'",
            "launchSecurity type='sev'",
            "dhCert",
            "policy",
            "os firmware='efi'",
            "feature enabled='yes' name='secure-boot'",
            "name",
            "label",
            "interface type='vdpa'",
            "qemu:commandline",
            "qemu:arg value='-drive'",
            "memory",
            "shmem",
            "rng",
            "slices",
            "mirror",
            "dataStore",
            "address bus='1' device='9999999999'",
            "x y='/z'",
            "?pi?",
            "!--",
            "!DOCTYPE a");

    @Test
    void random_arguments_never_throw() {
        Random random = new Random(1);
        for (int i = 0; i < CASES; i++) {
            List<byte[]> arguments = new ArrayList<>();
            int count = random.nextInt(8);
            for (int j = 0; j < count; j++) {
                arguments.add(argument(random));
            }
            VmDefinition definition =
                    QemuCommandLine.read(arguments, HostPath.of("/vm")).definition();
            assertThat(definition.problems())
                    .allSatisfy(problem ->
                            assertThat(problem.message()).isNotEmpty().doesNotContain("\n", "\u0000"));
        }
    }

    @Test
    void random_arguments_are_rewritten_for_descriptors_or_not_and_never_throw() {
        Random random = new Random(3);
        int rewritten = 0;
        for (int i = 0; i < CASES; i++) {
            List<byte[]> arguments = new ArrayList<>(List.of("qemu".getBytes(StandardCharsets.UTF_8)));
            int count = random.nextInt(4);
            for (int j = 0; j < count; j++) {
                arguments.add(
                        NODE_OPTIONS.get(random.nextInt(NODE_OPTIONS.size())).getBytes(StandardCharsets.UTF_8));
                arguments.add(nodes(random).getBytes(StandardCharsets.UTF_8));
            }
            RewriteResult rewriting = new DescriptorCommandLine(
                            QemuCommandLine.read(arguments, HostPath.of("/vm")),
                            List.of(),
                            path -> path.length() % 2 == 0,
                            Map.of())
                    .rewriting();
            rewritten += rewriting instanceof RewriteResult.Rewritten(var _, var sets) && !sets.isEmpty() ? 1 : 0;
        }
        assertThat(rewritten).as("command lines with descriptors").isGreaterThan(CASES / 100);
    }

    private static final List<String> NODE_OPTIONS = List.of("-blockdev", "-drive", "-chardev", "-hda", "-fw_cfg");

    private static final List<String> NODE_SETTINGS = List.of(
            "driver=raw",
            "driver=file",
            "driver=qcow2",
            "driver=throttle",
            "driver=quorum",
            "node-name=a",
            "node-name=b",
            "file=a",
            "file=b",
            "file.driver=file",
            "file.filename=/x",
            "file.filename=/xy",
            "filename=/x",
            "children.0=a",
            "children.0.driver=file",
            "children.0.filename=/x",
            "children.9=b",
            "backing=a",
            "backing.file.filename=/x",
            "data-file=b",
            "read-only=on",
            "auto-read-only=on",
            "cache.direct=on",
            "cache=none",
            "snapshot=on",
            "format=raw",
            "file=json:{\"driver\":\"raw\",,\"file\":{\"driver\":\"file\",,\"filename\":\"/x\"}}",
            "path=/x",
            "logfile=/x",
            "backend=file");

    /** Half of them have a whole node, since noise alone would seldom get past the parser. */
    private static String nodes(Random random) {
        String noise = random.ints(random.nextInt(5), 0, NODE_SETTINGS.size())
                .mapToObj(NODE_SETTINGS::get)
                .collect(Collectors.joining(","));
        return random.nextBoolean()
                ? noise
                : "driver=raw,file.driver=file,file.filename=/x,node-name=n" + random.nextInt(9) + "," + noise;
    }

    private static byte[] argument(Random random) {
        if (random.nextInt(10) == 0) {
            byte[] noise = new byte[random.nextInt(40)];
            random.nextBytes(noise);
            return noise;
        }
        StringBuilder text = new StringBuilder();
        int words = 1 + random.nextInt(8);
        for (int i = 0; i < words; i++) {
            text.append(WORDS.get(random.nextInt(WORDS.size())));
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void random_xml_never_throws() {
        Random random = new Random(2);
        for (int i = 0; i < CASES; i++) {
            byte[] xml = xml(random);
            VmDefinition definition = DomainXml.parse(xml);
            assertThat(definition.problems())
                    .allSatisfy(problem ->
                            assertThat(problem.message()).isNotEmpty().doesNotContain("\n", "\u0000"));
        }
    }

    private static byte[] xml(Random random) {
        StringBuilder text =
                new StringBuilder("<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>");
        List<String> open = new ArrayList<>(List.of("domain"));
        int parts = random.nextInt(24);
        for (int i = 0; i < parts; i++) {
            switch (random.nextInt(5)) {
                case 0, 1 -> {
                    String tag = TAGS.get(random.nextInt(TAGS.size()));
                    text.append('<').append(tag).append('>');
                    open.add(tag.split(" ", 2)[0]);
                }
                case 2 ->
                    text.append('<')
                            .append(TAGS.get(random.nextInt(TAGS.size())))
                            .append("/>");
                case 3 -> text.append(WORDS.get(random.nextInt(WORDS.size())));
                default -> {
                    if (open.size() > 1) {
                        text.append("</").append(open.removeLast()).append('>');
                    }
                }
            }
        }
        while (!open.isEmpty()) {
            text.append("</").append(open.removeLast()).append('>');
        }
        byte[] bytes = text.toString().getBytes(StandardCharsets.UTF_8);
        if (random.nextInt(4) == 0) {
            bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
        }
        return bytes;
    }

    @Test
    void long_and_deep_inputs_end() {
        String quote = "\"file\":{\"driver\":\"raw\",";
        List<List<byte[]>> lines = List.of(
                List.of(bytes("q"), bytes("-blockdev"), bytes("{" + quote.repeat(5000) + "}".repeat(5001))),
                List.of(bytes("q"), bytes("-blockdev"), bytes("file.".repeat(20_000) + "driver=raw")),
                List.of(bytes("q"), bytes("-drive"), bytes("a=b,".repeat(30_000))),
                List.of(bytes("q"), bytes("-drive"), bytes("backing.".repeat(60) + "filename=x,file=y,format=qcow2")),
                List.of(bytes("q"), bytes("-serial"), bytes("mon:".repeat(30_000))),
                List.of(bytes("q"), bytes("-acpitable"), bytes("file=" + ":".repeat(100_000))));
        for (List<byte[]> line : lines) {
            VmDefinition definition =
                    QemuCommandLine.read(line, HostPath.of("/vm")).definition();
            assertThat(definition.uses().size()).isLessThan(5000);
        }
        for (String device : List.of(
                "<disk type='file'><source file='/a'/></disk>",
                "<hostdev type='usb'><source><address bus='1' device='2'/></source></hostdev>",
                "<console type='file'><source path='/a'/></console>")) {
            VmDefinition definition = DomainXml.parse(
                    bytes("<domain type='kvm'><devices>" + device.repeat(50_000) + "</devices></domain>"));
            assertThat(definition.problems()).as(device).isNotEmpty();
        }
    }

    @Test
    void as_many_equal_elements_as_fit_end() {
        for (String device : List.of(
                "<disk type='file'><source file='/a%d'/><target dev='v%d'/></disk>",
                "<disk type='file'><source file='/a%d'><seclabel relabel='no'/></source></disk>",
                "<x file='/a%d'/>",
                "<x/>")) {
            StringBuilder text = new StringBuilder("<domain type='kvm'><devices>");
            for (int i = 0; text.length() < (4 << 20) - 200; i++) {
                text.append(device.replace("%d", Integer.toString(i)));
            }
            byte[] xml = bytes(text.append("</devices></domain>").toString());
            VmDefinition definition = DomainXml.parseLive(xml, Optional.of(xml), LibvirtHost.UNKNOWN);
            assertThat(definition.problems()).as(device).isNotEmpty();
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
