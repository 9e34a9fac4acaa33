package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.problem.QuotedText;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;

/** {@code <os>} and {@code <sysinfo>}: the sources from which the guest boots. */
final class OperatingSystem {
    private static final Set<String> UNDERSTOOD = NameTable.of("""
        type firmware loader nvram varstore kernel initrd cmdline dtb shim acpi boot bootmenu smbios bios bootloader
        bootloader_args init initarg initenv initdir inituser initgroup idmap
        """);

    private OperatingSystem() {}

    static void os(Domain domain, XmlElement os) {
        Place place = domain.at("os");
        place.refuseUnknown(os, UNDERSTOOD);
        os.children().forEach(part -> OwnLabels.declare(place.below(part.name()), part));
        read(place.below("kernel"), FileRole.KERNEL, os.value("kernel"));
        read(place.below("initrd"), FileRole.INITRD, os.value("initrd"));
        read(place.below("dtb"), FileRole.DEVICE_TREE, os.value("dtb"));
        read(place.below("shim"), FileRole.SHIM, os.value("shim"));
        os.all("acpi").stream()
                .flatMap(acpi -> acpi.all("table").stream())
                .forEach(table -> read(place.below("acpi/table"), FileRole.ACPI_TABLE, Optional.of(table.text())));
        FirmwareWish wish = FirmwareWish.of(domain.root(), os);
        Optional<FirmwareDescriptor> chosen = wish.choose(domain.host());
        if (wish.isAutomatic() && chosen.isEmpty() && wish.path().isEmpty()) {
            place.below("@firmware")
                    .notUnderstood(
                            "libvirt chooses the firmware by the descriptors in /usr/share/qemu/firmware, and none of"
                                    + " this host fits the domain",
                            "install the firmware, or name loader and nvram");
            return;
        }
        new Firmware(domain, os, wish, chosen).declare();
        // Written again for each variable that the guest sets (uefi-vars); its template is read by libvirt.
        place.below("varstore").file(FileRole.NVRAM, os.value("varstore@path"), UseAccess.CREATE);
    }

    private static void read(Place place, FileRole role, Optional<String> name) {
        place.file(role, name.filter(given -> !given.isBlank()), UseAccess.READ_ONLY);
    }

    static void sysinfo(Domain domain, XmlElement sysinfo) {
        for (XmlElement entry : sysinfo.all("entry")) {
            String name = QuotedText.of(entry.value("@name").orElse(""));
            domain.at("sysinfo/entry[@name=" + name + "]")
                    .file(FileRole.FIRMWARE_CONFIGURATION, entry.value("@file"), UseAccess.READ_ONLY);
        }
    }
}
