package labeler.vm.qemu.block;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import labeler.vm.HostDevice;
import labeler.vm.qemu.text.ByteText;

/** The address of a device of the host, as qemu's options write it. */
public final class DeviceAddress {
    /** {@code [domain:]bus:slot.function}, in hexadecimal digits (qemu's {@code parse_host_device_address}). */
    private static final Pattern PCI =
            Pattern.compile("(?:([0-9a-fA-F]{1,4}):)?([0-9a-fA-F]{1,2}):([0-9a-fA-F]{1,2})\\.([0-7])");

    private static final Pattern UUID = Pattern.compile("[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** The largest number of a slot. */
    private static final int SLOTS = 0x1f;

    /** The name of sysfs, below which a device has its directory. */
    private static final String SYSFS = "/sys/";

    private DeviceAddress() {}

    /** A PCI device; empty if it is none, or one in a domain that only a controller of disks has. */
    public static Optional<HostDevice> pci(String text) {
        Matcher address = PCI.matcher(text);
        if (!address.matches()) {
            return Optional.empty();
        }
        String domain = address.group(1) == null ? "0" : address.group(1);
        int slot = Integer.parseInt(address.group(3), 16);
        return slot > SLOTS
                ? Optional.empty()
                : Optional.of(new HostDevice.Pci(
                        Integer.parseInt(domain, 16),
                        Integer.parseInt(address.group(2), 16),
                        slot,
                        Integer.parseInt(address.group(4), 16)));
    }

    /** A PCI device or a mediated one, by its directory in sysfs, the last part of which is its name. */
    public static Optional<HostDevice> ofSysfs(String path) {
        List<String> parts = ByteText.split(path, '/');
        String name = parts.getLast().isEmpty() && parts.size() > 1 ? parts.get(parts.size() - 2) : parts.getLast();
        if (!path.startsWith(SYSFS) || parts.contains("..")) {
            return Optional.empty();
        }
        return UUID.matcher(name).matches() ? Optional.of(new HostDevice.Mediated(name)) : pci(name);
    }
}
