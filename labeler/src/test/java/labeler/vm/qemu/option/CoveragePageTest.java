package labeler.vm.qemu.option;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;

/**
 * The page says of each option of qemu which files it has, and what becomes of them, as the program reads it.
 * {@code -Dlabeler.write-documents=true} updates it.
 */
class CoveragePageTest {
    private static final Path PAGE =
            Path.of("../docs/coverage-qemu.md").toAbsolutePath().normalize();

    private static final String BEGIN = "<!-- options -->\n";
    private static final String END = "<!-- end of options -->";

    /** Forms with a directory, an address, or nothing at all; and forms that are refused. */
    private static final Map<String, List<String>> MORE = Map.ofEntries(
            entry("drive", List.of("file=fat:rw:NAME,if=none", "file=nvme://0000:01:00.0/1,format=raw,if=none")),
            entry(
                    "blockdev",
                    List.of(
                            "driver=nvme,node-name=n,device=0000:01:00.0,namespace=1",
                            "driver=vvfat,node-name=n,dir=NAME",
                            "driver=nbd,node-name=n,server.type=unix,server.path=NAME",
                            "driver=io_uring,node-name=n,filename=NAME")),
            entry(
                    "device",
                    List.of(
                            "vfio-pci,host=0000:01:00.0",
                            "vfio-ap,sysfsdev=/sys/bus/mdev/devices/53764d0e-85a0-42b4-af5c-2046b460b1dc",
                            "vfio-platform,host=fff51000.ethernet",
                            "usb-host,hostbus=1,hostaddr=2",
                            "usb-host,vendorid=0x1d6b,productid=2",
                            "usb-host,hostbus=1,hostport=2",
                            "usb-mtp,rootdir=NAME",
                            "usb-mtp,rootdir=NAME,readonly=off",
                            "ccid-card-emulated,db=NAME",
                            "vhost-scsi-pci,wwpn=naa.1",
                            "virtio-gpu-pci,blob=on",
                            "u2f-emulated,dir=NAME",
                            "virtio-net-pci,new-key=NAME")),
            entry(
                    "object",
                    List.of(
                            "tls-creds-x509,id=t,dir=NAME,endpoint=server",
                            "tls-creds-x509,id=t,dir=NAME,endpoint=client",
                            "tls-creds-psk,id=t,dir=NAME,endpoint=server",
                            "tls-creds-anon,id=t,dir=NAME,endpoint=server",
                            "rng-random,id=r",
                            "memory-backend-shm,id=m,size=1M",
                            "memory-backend-epc,id=m,size=1M",
                            "iommufd,id=i",
                            "new-type,id=x")),
            entry("fsdev", List.of("local,id=f,path=NAME", "local,id=f,path=NAME,readonly=on")),
            entry("virtfs", List.of("local,path=NAME,mount_tag=x")),
            entry("display", List.of("egl-headless", "dbus", "spice-app")),
            entry("spice", List.of("gl=on", "tls-port=5901,x509-dir=NAME")),
            entry("audiodev", List.of("wav,id=a", "oss,id=a", "alsa,id=a,out.dev=file:NAME")),
            entry("tpmdev", List.of("passthrough,id=t", "emulator,id=t,chardev=c")),
            entry(
                    "netdev",
                    List.of(
                            "user,id=n,tftp=NAME",
                            "user,id=n,smb=NAME",
                            "user,id=n,guestfwd=tcp:10.0.2.1:1-cmd:cat",
                            "tap,id=n",
                            "user,id=n,guestfwd=tcp:10.0.2.1:1-tcp:127.0.0.1:9,,server=on,,logfile=NAME",
                            "vde,id=n")),
            entry("accel", List.of("kvm,rapl=on")),
            entry("trace", List.of("file=log-%d")),
            entry(
                    "chardev",
                    List.of(
                            "socket,id=c,path=x,abstract=on,server=on",
                            "braille,id=c",
                            "{\"id\":\"c\",\"backend\":{\"type\":\"file\",\"data\":{\"out\":\"NAME\"}}}")),
            entry("global", List.of("virtio-blk-pci.drive=x", "kvm-pit.lost_tick_policy=delay")),
            entry("set", List.of("drive.x.file=NAME")),
            entry("k", List.of("de", "/NAME")),
            entry("L", List.of("/usr/share/x", "NAME")),
            entry("incoming", List.of("tcp:0:4444", "exec:cat NAME")),
            entry("run-with", List.of("user=x", "chroot=NAME")),
            entry("D", List.of("log-%d")),
            entry("initrd", List.of("NAME,NAME")),
            entry("usbdevice", List.of("tablet", "braille", "disk:NAME")));

    @Test
    void the_page_says_what_the_program_does() throws IOException {
        String page = Files.readString(PAGE);
        int from = page.indexOf(BEGIN) + BEGIN.length();
        String renewed = page.substring(0, from) + table() + page.substring(page.indexOf(END));
        if (Boolean.getBoolean("labeler.write-documents")) {
            Files.writeString(PAGE, renewed);
        } else {
            assertThat(page)
                    .as("docs/coverage-qemu.md; ./dev test -Dtest=CoveragePageTest -Dlabeler.write-documents=true"
                            + " renews it")
                    .isEqualTo(renewed);
        }
    }

    private static String table() {
        List<String> rows = new ArrayList<>();
        List<String> without = new ArrayList<>();
        OptionTable.all().stream()
                .sorted(Comparator.comparing(Option::name, String.CASE_INSENSITIVE_ORDER)
                        .thenComparing(Option::name))
                .forEach(option -> {
                    List<String> forms = forms(option);
                    List<String> found =
                            forms.stream().flatMap(form -> rows(option, form)).toList();
                    if (found.isEmpty()) {
                        without.add("`-" + option.name() + "`");
                    }
                    rows.addAll(found);
                });
        return "| option | has | becomes | where no label can be stored |\n|---|---|---|---|\n"
                + String.join("\n", rows)
                + "\n\nThese name no file: "
                + String.join(", ", without)
                + ".\n";
    }

    private static List<String> forms(Option option) {
        List<String> forms = Stream.concat(
                        FileTemplates.OPTIONS.getOrDefault(option.name(), List.of()).stream(),
                        MORE.getOrDefault(option.name(), List.of()).stream())
                .toList();
        return forms.isEmpty() ? List.of(option.takesArgument() ? "x" : "") : forms;
    }

    private static Stream<String> rows(Option option, String form) {
        String argument = form.replace(FileTemplates.NAME, "/vm/x");
        List<String> words =
                option.takesArgument() ? List.of("-" + option.name(), argument) : List.of("-" + option.name());
        QemuCommandLine line = QemuCommandLine.read(
                Stream.concat(Stream.of("qemu"), words.stream())
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of("/vm"));
        String first = "| `-" + option.name() + (form.isEmpty() || form.equals("x") ? "" : " " + form) + "` | ";
        if (!line.definition().problems().isEmpty()) {
            return line.definition().problems().stream()
                    .map(Problem::message)
                    .map(message -> first + "| refused: " + message.substring(message.indexOf(": ") + 2) + " | |");
        }
        Map<String, List<String>> same = new TreeMap<>();
        for (DeclaredUse use : line.definition().uses()) {
            String kept = use.names().stream()
                    .flatMap(name -> line.definition().wishes().reasonToKeep(use.origin(), name).stream())
                    .findFirst()
                    .map(reason -> "left: " + reason + " | ")
                    .orElseGet(() -> becomes(use) + " | " + instead(line, use));
            same.computeIfAbsent(kept, _ -> new ArrayList<>()).add(named(use));
        }
        return same.entrySet().stream()
                .map(entry -> first + String.join(", ", entry.getValue()) + " | " + entry.getKey() + " |");
    }

    /** What it is, with a name where that is not the one in the option. */
    private static String named(DeclaredUse use) {
        String names = use.names().stream()
                .map(HostPath::toString)
                .filter(name -> !name.equals("/vm/x"))
                .map(name -> name.replace("/vm/x/", "NAME/").replace("/vm/x.", "NAME."))
                .findFirst()
                .map(name -> " `" + name + "`")
                .orElse("");
        String device = use instanceof DeclaredUse.DeviceUse ? ", its nodes by sysfs" : "";
        return use.role().word() + names + device;
    }

    /** In the words of the label rules (docs/operations.md). */
    private static String becomes(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse image ->
                label(use.role(), image.image().access() == labeler.chain.Access.READ_WRITE)
                        + ", with all that its header names";
            case DeclaredUse.FileUse file -> label(use.role(), file.access() != UseAccess.READ_ONLY);
            case DeclaredUse.SearchedUse searched ->
                label(use.role(), searched.access() != UseAccess.READ_ONLY) + "; the first that exists";
            case DeclaredUse.OptionalUse file ->
                label(use.role(), file.access() != UseAccess.READ_ONLY) + "; if it exists";
            case DeclaredUse.MadeByQemu made -> "left: " + made.reason();
            case DeclaredUse.DeviceUse _ -> label(use.role(), true);
            case DeclaredUse.TreeUse tree ->
                label(use.role(), tree.access() != UseAccess.READ_ONLY) + ", with all below";
        };
    }

    private static String label(FileRole role, boolean writes) {
        if (role == FileRole.SHARED_DEVICE) {
            return "left: other processes use it as well";
        }
        return writes || role.isSecret() ? "labelled for this VM alone" : "labelled as content for all VMs";
    }

    /** What qemu takes in the place of the name. */
    private static String instead(QemuCommandLine line, DeclaredUse use) {
        if (use.role() == FileRole.SHARED_DEVICE || use instanceof DeclaredUse.MadeByQemu) {
            return "";
        }
        if (use instanceof DeclaredUse.ImageUse) {
            return "passed as a descriptor";
        }
        String places = line.places(use).stream()
                .map(place -> switch (place.takes()) {
                    case NameSubstitute.Descriptor _ -> "passed as a descriptor";
                    case NameSubstitute.Copy() -> "read from a copy";
                    case NameSubstitute.NameAlone() -> "refused";
                })
                .distinct()
                .collect(Collectors.joining(", "));
        return places.isEmpty() ? "refused" : places;
    }
}
