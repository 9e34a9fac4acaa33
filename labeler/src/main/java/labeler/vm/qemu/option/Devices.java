package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.creates;
import static labeler.vm.qemu.option.KeyMeaning.firmware;
import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.reads;
import static labeler.vm.qemu.option.KeyMeaning.refused;
import static labeler.vm.qemu.option.KeyMeaning.writes;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Access;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -device}, and what {@code -global} and {@code -set} change in one. */
final class Devices {
    private static final String VFIO = "a host device whose nodes only the host's sysfs can tell";
    private static final String VFIO_WAY_OUT = "passing devices through is not supported yet";

    /** Every text property of qemu 10.0's devices that names a file, and those that only look like it. */
    private static final KeyTable KEYS = new KeyTable(Map.ofEntries(
            Map.entry("romfile", firmware(FileRole.ROM)),
            // loader, guest-loader
            Map.entry("file", reads(FileRole.ROM)),
            Map.entry("kernel", reads(FileRole.KERNEL)),
            Map.entry("initrd", reads(FileRole.INITRD)),
            Map.entry("bootargs", none()),
            // CXL, IPMI
            Map.entry("cdat", reads(FileRole.ACPI_TABLE)),
            Map.entry("frudatafile", reads(FileRole.CONFIGURATION)),
            Map.entry("sdrfile", reads(FileRole.CONFIGURATION)),
            // uefi-vars-*: rewritten whenever the guest sets a variable
            Map.entry("jsonfile", creates(FileRole.NVRAM, Access.READ_WRITE)),
            Map.entry("pcap", creates(FileRole.LOG, Access.WRITE_ONLY)),
            // device nodes of the host
            Map.entry("evdev", writes(FileRole.HOST_DEVICE)),
            Map.entry("hidraw", writes(FileRole.HOST_DEVICE)),
            Map.entry("hostdevice", writes(FileRole.HOST_DEVICE)),
            Map.entry("vhostdev", writes(FileRole.HOST_DEVICE)),
            Map.entry("host", refused(VFIO, VFIO_WAY_OUT)),
            Map.entry("sysfsdev", refused(VFIO, VFIO_WAY_OUT)),
            // directories
            Map.entry("rootdir", refused("a directory tree", "share it with virtiofsd instead")),
            Map.entry("db", refused("a directory of certificates", "use a passed-through card instead")),
            // no files
            Map.entry("driver", none()),
            Map.entry("id", none()),
            Map.entry("bus", none()),
            Map.entry("name", none()),
            Map.entry("serial", none()),
            Map.entry("model", none()),
            Map.entry("vendor", none()),
            Map.entry("product", none()),
            Map.entry("loc-code", none()),
            Map.entry("mount_tag", none()),
            Map.entry("tag", none())));

    private static final Set<String> CDROMS = Set.of("ide-cd", "scsi-cd", "xen-cdrom");

    /** No file names themselves, they decide which file is used, and how. */
    private static final Set<String> WHICH_FILE = Set.of("driver", "drive", "share-rw", "hostbus", "hostaddr");

    private Devices() {}

    static void device(PlacedOption option, Parsing parsing) {
        Optional<Argument> argument = Argument.either(option.argument(), "driver");
        if (argument.isEmpty()) {
            parsing.out().malformed(option.origin(), "not JSON");
            return;
        }
        Settings settings = argument.get().settings();
        String driver = settings.text("driver");
        KEYS.declare(option, argument.get(), parsing);
        settings.get("drive").ifPresent(drive -> {
            if (CDROMS.contains(driver)) {
                parsing.drives().usedAs(drive, FileRole.CDROM);
            } else if (driver.equals("floppy")) {
                parsing.drives().usedAs(drive, FileRole.FLOPPY);
            }
            if (settings.isOn("share-rw")) {
                parsing.drives().shared(drive);
            }
        });
        if (driver.equals("usb-host")) {
            usbHost(option.origin(), settings, parsing.out());
        }
    }

    /** Of one bus and address qemu opens {@code /dev/bus/usb/BBB/DDD}; a search by vendor could open any. */
    private static void usbHost(Origin origin, Settings settings, DefinitionBuilder out) {
        if (settings.has("hostdevice")) {
            return;
        }
        Optional<Integer> bus = number(settings.text("hostbus"));
        Optional<Integer> address = number(settings.text("hostaddr"));
        if (bus.isPresent() && address.isPresent()) {
            String path = String.format("/dev/bus/usb/%03d/%03d", bus.get(), address.get());
            out.file(origin, FileRole.HOST_DEVICE, ByteText.bytes(path), UseAccess.READ_WRITE);
        } else {
            out.notUnderstood(
                    origin,
                    "a USB device that is searched for on the host",
                    "name its node with hostdevice=, or hostbus= and hostaddr=");
        }
    }

    private static Optional<Integer> number(String digits) {
        boolean isNumber = digits.length() >= 1
                && digits.length() <= 3
                && digits.chars().allMatch(c -> c >= '0' && c <= '9')
                && (digits.length() == 1 || digits.charAt(0) != '0');
        return isNumber ? Optional.of(Integer.parseInt(digits)) : Optional.empty();
    }

    /** {@code driver.property=value}, or the three of them as settings. */
    static void global(PlacedOption option, Parsing parsing) {
        String argument = option.argument();
        Settings settings = Settings.parse(argument);
        int equals = argument.indexOf('=');
        int dot = argument.indexOf('.');
        boolean shortForm = dot >= 0 && dot < equals;
        String property = shortForm ? argument.substring(dot + 1, equals) : settings.text("property");
        String value = shortForm ? argument.substring(equals + 1) : settings.text("value");
        injected(option.origin(), property, value, parsing.out());
    }

    /** {@code group.id.property=value}. */
    static void set(PlacedOption option, Parsing parsing) {
        String argument = option.argument();
        int equals = argument.indexOf('=');
        String key = equals < 0 ? argument : argument.substring(0, equals);
        int dot = key.indexOf('.', key.indexOf('.') + 1);
        if (key.startsWith("device.") && dot >= 0 && equals >= 0) {
            injected(option.origin(), key.substring(dot + 1), argument.substring(equals + 1), parsing.out());
        } else {
            parsing.out()
                    .notUnderstood(
                            option.origin(),
                            "changes another option, " + ByteText.shown(key),
                            "write the setting in that option itself");
        }
    }

    private static void injected(Origin origin, String property, String value, DefinitionBuilder out) {
        if (mayNameFile(property, value)) {
            out.notUnderstood(
                    origin,
                    "changes " + ByteText.shown(property) + ", which may name a file",
                    "write the setting in the -device itself");
        }
    }

    /** Whether a device's property changes what files it opens. */
    static boolean mayNameFile(String property, String value) {
        return !(KEYS.meaning(new Settings.Setting(property, value)) instanceof KeyMeaning.NoFile)
                || WHICH_FILE.contains(property);
    }

    /** Whether the property is in the table, with a file or without. */
    static boolean isListed(String property) {
        return KEYS.meanings().containsKey(property);
    }
}
