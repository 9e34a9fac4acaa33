package labeler.vm.qemu.option;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.linux.Access;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -device}, and the changes to one by {@code -global} and {@code -set}. */
final class Devices {
    /** Every text property of qemu 10.0's devices that names a file, and those that only look like it. */
    private static final KeyTable KEYS = KeyTable.EMPTY
            .firmware(FileRole.ROM, "romfile")
            // file, kernel and initrd: loader, guest-loader
            .reads(FileRole.ROM, "file")
            .reads(FileRole.KERNEL, "kernel")
            .reads(FileRole.INITRD, "initrd")
            // CXL, IPMI
            .reads(FileRole.ACPI_TABLE, "cdat")
            .reads(FileRole.CONFIGURATION, "frudatafile sdrfile")
            // uefi-vars-*: rewritten whenever the guest sets a variable
            .creates(FileRole.NVRAM, Access.READ_WRITE, "jsonfile")
            .creates(FileRole.LOG, Access.WRITE_ONLY, "pcap")
            .writes(FileRole.HOST_DEVICE, "evdev hidraw hostdevice vhostdev")
            .refuses(
                    "a host device whose nodes only the host's sysfs can tell",
                    "passing devices through is not supported yet",
                    "host sysfsdev")
            .refuses("a directory tree", "share it with virtiofsd instead", "rootdir")
            .refuses("a directory of certificates", "use a passed-through card instead", "db")
            .ignores("bootargs driver id bus name serial model vendor product loc-code mount_tag tag");

    private static final Set<String> CDROMS = NameTable.of("ide-cd scsi-cd xen-cdrom");

    /** Keys that name no file themselves, but decide which file is used, and how. */
    private static final Set<String> WHICH_FILE = NameTable.of("driver drive share-rw hostbus hostaddr");

    private static final Pattern NUMBER = Pattern.compile("0|[1-9][0-9]{0,2}");

    private Devices() {}

    static void device(OptionContext in) {
        in.either("driver").ifPresent(argument -> device(argument, in));
    }

    private static void device(Argument argument, OptionContext in) {
        Settings settings = argument.settings();
        String driver = settings.text("driver");
        KEYS.declare(argument, in);
        settings.get("drive").ifPresent(drive -> {
            if (CDROMS.contains(driver)) {
                in.drives().usedAs(drive, FileRole.CDROM);
            } else if (driver.equals("floppy")) {
                in.drives().usedAs(drive, FileRole.FLOPPY);
            }
            if (settings.isOn("share-rw")) {
                in.drives().shared(drive);
            }
        });
        if (driver.equals("usb-host")) {
            usbHost(settings, in);
        }
    }

    /** For one bus and address qemu opens {@code /dev/bus/usb/BBB/DDD}; a search by vendor could open any. */
    private static void usbHost(Settings settings, OptionContext in) {
        if (settings.has("hostdevice")) {
            return;
        }
        Optional<Integer> bus = number(settings, "hostbus");
        Optional<Integer> address = number(settings, "hostaddr");
        if (bus.isPresent() && address.isPresent()) {
            String path = String.format("/dev/bus/usb/%03d/%03d", bus.get(), address.get());
            in.file(FileRole.HOST_DEVICE, path, UseAccess.READ_WRITE);
        } else {
            in.notUnderstood(
                    "a USB device that is searched for on the host",
                    "name its node with hostdevice=, or hostbus= and hostaddr=");
        }
    }

    private static Optional<Integer> number(Settings settings, String key) {
        return settings.get(key)
                .filter(digits -> NUMBER.matcher(digits).matches())
                .map(Integer::valueOf);
    }

    /** {@code driver.property=value}, or the three parts as settings. */
    static void global(OptionContext in) {
        String argument = in.argument();
        Settings settings = Settings.parse(argument);
        int equals = argument.indexOf('=');
        int dot = argument.indexOf('.');
        if (dot >= 0 && dot < equals) {
            injected(argument.substring(dot + 1, equals), argument.substring(equals + 1), in);
        } else {
            injected(settings.text("property"), settings.text("value"), in);
        }
    }

    /** {@code group.id.property=value}. */
    static void set(OptionContext in) {
        String argument = in.argument();
        int equals = argument.indexOf('=');
        String key = equals < 0 ? argument : argument.substring(0, equals);
        int dot = key.indexOf('.', key.indexOf('.') + 1);
        if (key.startsWith("device.") && dot >= 0 && equals >= 0) {
            injected(key.substring(dot + 1), argument.substring(equals + 1), in);
        } else {
            in.notUnderstood(
                    "changes another option, " + ByteText.shown(key), "write the setting in that option itself");
        }
    }

    private static void injected(String property, String value, OptionContext in) {
        if (mayNameFile(property, value)) {
            in.notUnderstood(
                    "changes " + ByteText.shown(property) + ", which may name a file",
                    "write the setting in the -device itself");
        }
    }

    /** Whether a device's property changes which files it opens. */
    static boolean mayNameFile(String property, String value) {
        return !(KEYS.meaning(new Settings.Setting(property, value)) instanceof KeyMeaning.NoFile)
                || WHICH_FILE.contains(property);
    }

    /** Whether the property is in the table, with a file or without. */
    static boolean isListed(String property) {
        return KEYS.meanings().containsKey(property);
    }
}
