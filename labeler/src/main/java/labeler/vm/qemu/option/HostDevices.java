package labeler.vm.qemu.option;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;
import labeler.vm.FileRole;
import labeler.vm.HostDevice;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.block.DeviceAddress;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Devices of the host that a {@code -device} hands to the guest. */
final class HostDevices {
    /** Keys of VFIO's devices that say which one. */
    static final String VFIO_KEYS = "host sysfsdev";

    private static final Set<String> VFIO = NameTable.of("""
        vfio-pci vfio-pci-nohotplug vfio-ap vfio-ccw vfio-platform vfio-amd-xgbe vfio-calxeda-xgmac
        """);

    /** Decimal, or hexadecimal after {@code 0x}, as qemu reads a property with a number. */
    private static final Pattern NUMBER = Pattern.compile("0[xX][0-9a-fA-F]{1,4}|0|[1-9][0-9]{0,4}");

    /** USB has numbers of up to three digits in the names of its nodes, and 16 bits for the maker and the product. */
    private static final int LARGEST_PLACE = 999;

    private static final int LARGEST_ID = 0xffff;

    private static final KeyTable TPM = KeyTable.EMPTY.writes(FileRole.HOST_DEVICE, "path cancel-path");

    private HostDevices() {}

    static boolean isVfio(String driver) {
        return VFIO.contains(driver);
    }

    /** By its address, or by its directory in sysfs; or as a descriptor that somebody else has opened. */
    static void vfio(Settings settings, OptionContext in) {
        Optional<String> sysfs = settings.get("sysfsdev").filter(path -> !path.isEmpty());
        Optional<String> host = settings.get("host").filter(address -> !address.isEmpty());
        Optional<HostDevice> device =
                sysfs.isPresent() ? sysfs.flatMap(DeviceAddress::ofSysfs) : host.flatMap(DeviceAddress::pci);
        if (device.isEmpty()) {
            in.notUnderstood(
                    "the device of the host "
                            + ByteText.shown(sysfs.or(() -> host).orElse(""))
                            + " is neither a PCI device nor a mediated one",
                    "name it with host=0000:00:00.0, or sysfsdev=/sys/bus/mdev/devices/UUID");
        } else {
            in.device(device.get());
        }
    }

    /** For one bus and address qemu opens {@code /dev/bus/usb/BBB/DDD}; for a product it looks at all that there are. */
    static void usb(Settings settings, OptionContext in) {
        if (settings.has("hostdevice")) {
            return;
        }
        OptionalInt bus = number(settings, "hostbus", LARGEST_PLACE);
        OptionalInt address = number(settings, "hostaddr", LARGEST_PLACE);
        OptionalInt vendor = number(settings, "vendorid", LARGEST_ID);
        OptionalInt product = number(settings, "productid", LARGEST_ID);
        if (bus.isPresent() && address.isPresent()) {
            String path = String.format("/dev/bus/usb/%03d/%03d", bus.getAsInt(), address.getAsInt());
            in.file(FileRole.HOST_DEVICE, path, UseAccess.READ_WRITE);
        } else if (vendor.isPresent() && product.isPresent()) {
            in.device(new HostDevice.UsbProduct(vendor.getAsInt(), product.getAsInt()));
        } else {
            in.notUnderstood(
                    "a USB device that may be any of several on the host",
                    "name its node with hostdevice=, or hostbus= and hostaddr=, or vendorid= and productid=");
        }
    }

    private static OptionalInt number(Settings settings, String key, int largest) {
        return settings.get(key)
                .filter(digits -> NUMBER.matcher(digits).matches())
                .map(Integer::decode)
                .filter(value -> value <= largest)
                .map(OptionalInt::of)
                .orElse(OptionalInt.empty());
    }

    /** {@code -tpmdev}; an emulator is reached by its character device. */
    static void tpm(OptionContext in) {
        Argument argument = in.settings("type");
        Settings settings = argument.settings();
        TPM.declare(argument, in);
        if (!settings.text("type").equals("passthrough")) {
            return;
        }
        String path = settings.get("path").orElse("/dev/tpm0");
        if (!settings.has("path")) {
            in.file(FileRole.HOST_DEVICE, path, UseAccess.READ_WRITE);
        }
        if (!settings.has("cancel-path")) {
            String name = path.substring(path.lastIndexOf('/') + 1);
            in.searched(
                    FileRole.HOST_DEVICE,
                    List.of("/sys/class/tpm/" + name + "/device/cancel", "/sys/class/misc/" + name + "/device/cancel"),
                    UseAccess.READ_WRITE);
        }
    }
}
