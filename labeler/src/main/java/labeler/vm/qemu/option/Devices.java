package labeler.vm.qemu.option;

import java.util.Set;
import labeler.linux.Access;
import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.NameTable;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -device}, and the changes to one by {@code -global} and {@code -set}. */
final class Devices {
    private static final String U2F_KEYS = "dir cert privkey entropy counter";

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
            // host-path: spapr-tpm-proxy
            .writes(FileRole.HOST_DEVICE, "evdev hidraw hostdevice vhostdev host-path")
            .refuses(
                    "a device of the host",
                    "only VFIO's devices have it: vfio-pci, vfio-ap, vfio-ccw",
                    HostDevices.VFIO_KEYS)
            .refuses("a directory tree", "only usb-mtp has one", "rootdir")
            .refuses("a directory of certificates", "only ccid-card-emulated has one", "db")
            .refuses("a file of a security key", "only u2f-emulated has one", U2F_KEYS)
            .ignores("bootargs osk driver id bus name serial model vendor product loc-code mount_tag tag");

    /** The same for the security key that qemu plays itself. */
    private static final KeyTable U2F = KEYS.refuses(
                    "a directory, in which a library looks for files by names of its own",
                    "name each: cert=, privkey=, counter=, entropy=",
                    "dir")
            .readsByName(FileRole.CONFIGURATION, "cert")
            .readsByName(FileRole.SECRET, "privkey entropy")
            .writes(FileRole.NVRAM, "counter");

    private static final Set<String> CDROMS = NameTable.of("ide-cd scsi-cd xen-cdrom");

    /** Keys that name no file themselves, but decide which file is used, and how. */
    private static final Set<String> WHICH_FILE = NameTable.of("""
        driver drive share-rw hostbus hostaddr hostport vendorid productid iommufd vhostfd readonly backend blob
        """);

    private Devices() {}

    static void device(OptionContext in) {
        in.either("driver").ifPresent(argument -> device(argument, in));
    }

    private static void device(Argument argument, OptionContext in) {
        Settings settings = argument.settings();
        String driver = settings.text("driver");
        KeyTable keys = driver.equals("u2f-emulated") ? U2F : KEYS;
        keys.ignores(readByDriver(driver)).declare(argument, in);
        settings.get("drive").ifPresent(drive -> {
            if (CDROMS.contains(driver)) {
                in.drives().usedAs(drive, FileRole.CDROM);
            } else if (driver.equals("floppy")) {
                in.drives().usedAs(drive, FileRole.FLOPPY);
            } else if (driver.equals("scsi-generic")) {
                in.drives().usedAs(drive, FileRole.HOST_DEVICE);
            }
            if (settings.isOn("share-rw")) {
                in.drives().shared(drive);
            }
        });
        switch (driver) {
            case "usb-host" -> HostDevices.usb(settings, in);
            case "usb-mtp" -> files(settings, in);
            case "u2f-passthru" -> {
                if (settings.text("hidraw").isEmpty()) {
                    in.notUnderstood("a key that is searched for on the host", "name its node: hidraw=/dev/hidrawN");
                }
            }
            case "ccid-card-emulated" -> Credentials.database(settings.get("db").orElse(KeyFiles.CARD_DIRECTORY), in);
            default -> {
                if (HostDevices.isVfio(driver)) {
                    HostDevices.vfio(settings, in);
                } else if (driver.startsWith("vhost-scsi") && !settings.has("vhostfd")) {
                    in.shared("/dev/vhost-scsi", UseAccess.READ_WRITE);
                } else if (isGraphics(driver) && settings.isOn("blob")) {
                    buffers(driver, in);
                }
            }
        }
    }

    /** A card that qemu draws itself; vhost-user-gpu is another process's. */
    private static boolean isGraphics(String driver) {
        return driver.startsWith("virtio-gpu") || driver.startsWith("virtio-vga");
    }

    /** The guest's memory as a buffer of the host's graphics. A card with a renderer starts without. */
    private static void buffers(String driver, OptionContext in) {
        if (driver.contains("-gl") || driver.contains("-rutabaga")) {
            in.perhaps(FileRole.SHARED_DEVICE, SharedDevices.BUFFERS.toString(), UseAccess.READ_WRITE);
        } else {
            in.shared(SharedDevices.BUFFERS.toString(), UseAccess.READ_WRITE);
        }
    }

    /** The keys that mean a file for this driver alone, and are read for it. */
    private static String readByDriver(String driver) {
        return switch (driver) {
            case "usb-mtp" -> "rootdir";
            case "ccid-card-emulated" -> "db cert1 cert2 cert3";
            default -> HostDevices.isVfio(driver) ? HostDevices.VFIO_KEYS : "";
        };
    }

    /** The guest may write below the directory only if that is said. */
    private static void files(Settings settings, OptionContext in) {
        boolean isWritable = settings.has("readonly") && !settings.isOn("readonly");
        settings.get("rootdir").ifPresent(root -> in.tree(root, UseAccess.of(isWritable)));
    }

    /** {@code driver.property=value}, or the three parts as settings. */
    static void global(OptionContext in) {
        String text = in.argument();
        int equals = text.indexOf('=');
        int dot = text.indexOf('.');
        if (dot >= 0 && dot < equals) {
            injected(text.substring(dot + 1, equals), text.substring(equals + 1), new FilePlace.From(equals + 1), in);
        } else {
            Argument argument = in.settings("");
            Settings settings = argument.settings();
            FilePlace.Spot spot =
                    new FilePlace.Value(argument, settings.last("value").orElse(0));
            injected(settings.text("property"), settings.text("value"), spot, in);
        }
    }

    /** {@code group.id.property=value}. */
    static void set(OptionContext in) {
        String text = in.argument();
        int equals = text.indexOf('=');
        String key = equals < 0 ? text : text.substring(0, equals);
        int dot = key.indexOf('.', key.indexOf('.') + 1);
        if (key.startsWith("device.") && dot >= 0 && equals >= 0) {
            injected(key.substring(dot + 1), text.substring(equals + 1), new FilePlace.From(equals + 1), in);
        } else {
            in.notUnderstood(
                    "changes another option, " + ByteText.shown(key), "write the setting in that option itself");
        }
    }

    /** A property that names the same for each device; whether a device takes it is not known here. */
    private static void injected(String property, String value, FilePlace.Spot spot, OptionContext in) {
        KeyMeaning meaning = KEYS.meaning(new Settings.Setting(property, value));
        if (meaning instanceof KeyMeaning.NamesOne one) {
            if (!value.isEmpty()) {
                KeyTable.declare(one, value, spot, in);
            }
        } else if (mayNameFile(property, value)) {
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
