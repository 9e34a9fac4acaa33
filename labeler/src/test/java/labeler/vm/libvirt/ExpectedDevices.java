package labeler.vm.libvirt;

import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import labeler.vm.DeclaredUse;
import labeler.vm.DeclaredUse.DeviceUse;
import labeler.vm.HostDevice;
import labeler.vm.VmDefinition;

/** The devices of the host in a command line that libvirt makes, compared with those of a definition. */
final class ExpectedDevices {
    /** A device by its place on the bus, as {@code vfio-pci} and disks of NVMe have it. */
    private static final Pattern PCI = Pattern.compile(
            "(?:\"host\"|\"device\"|\\bhost)[:=]\"?([0-9a-f]{4}):([0-9a-f]{2}):([0-9a-f]{2})\\.([0-7])\\b");

    private static final Pattern MEDIATED = Pattern.compile("/sys/bus/mdev/devices/([0-9a-f-]{36})");

    private static final Pattern SCSI = Pattern.compile("/dev/sg[0-9]+");

    private static final Pattern USB = Pattern.compile("/dev/bus/usb/[0-9]{3}/[0-9]{3}");

    private ExpectedDevices() {}

    /** The devices in the command line of which the definition has no use. */
    static Set<String> missing(VmDefinition definition, String commandLine) {
        Set<HostDevice> devices = definition.uses().stream()
                .filter(DeviceUse.class::isInstance)
                .map(use -> unmanaged(((DeviceUse) use).device()))
                .collect(Collectors.toSet());
        Set<String> missing = new TreeSet<>();
        Matcher pci = PCI.matcher(commandLine);
        while (pci.find()) {
            if (!devices.contains(new HostDevice.Pci(number(pci, 1), number(pci, 2), number(pci, 3), number(pci, 4)))) {
                missing.add(pci.group());
            }
        }
        Matcher mediated = MEDIATED.matcher(commandLine);
        while (mediated.find()) {
            if (!devices.contains(new HostDevice.Mediated(mediated.group(1)))) {
                missing.add(mediated.group());
            }
        }
        // Which unit has which node, and a maker's product which number, only the host knows: each is worth one device.
        addBeyond(devices.stream().filter(HostDevice.Scsi.class::isInstance).count(), SCSI, commandLine, missing);
        Set<String> named = definition.uses().stream()
                .map(DeclaredUse::names)
                .flatMap(names -> names.stream().map(Object::toString))
                .collect(Collectors.toSet());
        Set<String> unnamed = new TreeSet<>();
        addBeyond(0, USB, commandLine, unnamed);
        unnamed.removeAll(named);
        unnamed.stream()
                .skip(devices.stream()
                        .filter(HostDevice.UsbProduct.class::isInstance)
                        .count())
                .forEach(missing::add);
        return missing;
    }

    private static void addBeyond(long known, Pattern pattern, String commandLine, Set<String> missing) {
        pattern.matcher(commandLine)
                .results()
                .map(found -> found.group())
                .distinct()
                .skip(known)
                .forEach(missing::add);
    }

    private static HostDevice unmanaged(HostDevice device) {
        return device instanceof HostDevice.Pci(int domain, int bus, int slot, int function, boolean _)
                ? new HostDevice.Pci(domain, bus, slot, function)
                : device;
    }

    private static int number(Matcher matcher, int group) {
        return Integer.parseInt(matcher.group(group), 16);
    }
}
