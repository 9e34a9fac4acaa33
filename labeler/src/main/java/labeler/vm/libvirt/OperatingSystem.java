package labeler.vm.libvirt;

import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BesideImage;
import labeler.chain.ImageRequest.Declared;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.ImageUse;
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
        place.refuseOwnLabels(os);
        read(place.below("kernel"), FileRole.KERNEL, os.value("kernel"));
        read(place.below("initrd"), FileRole.INITRD, os.value("initrd"));
        read(place.below("dtb"), FileRole.DEVICE_TREE, os.value("dtb"));
        read(place.below("shim"), FileRole.SHIM, os.value("shim"));
        os.all("acpi").stream()
                .flatMap(acpi -> acpi.all("table").stream())
                .forEach(table -> read(place.below("acpi/table"), FileRole.ACPI_TABLE, Optional.of(table.text())));
        if (os.value("@firmware").isPresent() && os.value("loader").orElse("").isBlank()) {
            place.below("@firmware")
                    .notUnderstood(
                            "libvirt chooses the firmware, and the file for its variables, when it starts the VM",
                            "give the XML of the started VM, or name loader and nvram");
        }
        os.child("loader").ifPresent(loader -> loader(place.below("loader"), loader));
        os.child("nvram").ifPresent(nvram -> nvram(place.below("nvram"), nvram));
        // Written again for each variable that the guest sets (uefi-vars); its template is read by libvirt.
        place.below("varstore").file(FileRole.NVRAM, os.value("varstore@path"), UseAccess.CREATE);
    }

    private static void read(Place place, FileRole role, Optional<String> name) {
        place.file(role, name.filter(given -> !given.isBlank()), UseAccess.READ_ONLY);
    }

    private static void loader(Place place, XmlElement loader) {
        if (!loader.has("type", "pflash")) {
            read(place, FileRole.FIRMWARE, Optional.of(loader.text()));
        } else if (!loader.text().isBlank()) {
            Access access = loader.has("readonly", "yes") ? Access.READ_ONLY : Access.READ_WRITE;
            image(place, FileRole.FIRMWARE, loader.text(), loader.value("@format"), access);
        }
    }

    /** libvirt reads the template; qemu does not use it. */
    private static void nvram(Place place, XmlElement nvram) {
        Optional<String> name = Optional.empty();
        if (!nvram.hasChild("source")) {
            name = Optional.of(nvram.text()).filter(text -> !text.isBlank());
        } else {
            switch (nvram.value("@type").orElse("file")) {
                case "file" -> name = nvram.value("source@file");
                case "block" -> name = nvram.value("source@dev");
                case "network" ->
                    place.out()
                            .external(
                                    place.origin(),
                                    FileRole.NVRAM,
                                    nvram.value("source@name").orElse(""),
                                    nvram.value("source@protocol").orElse(""));
                default -> place.notUnderstood("an NVRAM of this type", "give it as type='file' or type='block'");
            }
        }
        name.ifPresent(file -> image(place, FileRole.NVRAM, file, nvram.value("@format"), Access.READ_WRITE));
    }

    private static void image(Place place, FileRole role, String name, Optional<String> format, Access access) {
        Optional<ImageFormat> known = ImageFormat.ofDriver(format.orElse("raw"));
        if (known.isEmpty()) {
            place.out()
                    .problem(
                            Problem.Kind.UNSUPPORTED,
                            place.origin(),
                            "firmware of format " + QuotedText.of(format.orElse(""))
                                    + " is not understood; convert it to qcow2 or raw");
            return;
        }
        place.path(name)
                .map(path -> ImageRequest.followingHeaders(
                        FileName.of(path.bytes()), new Declared(known.get()), access, new BesideImage()))
                .ifPresent(image -> place.out().use(new ImageUse(place.origin(), role, image, false)));
    }

    static void sysinfo(Domain domain, XmlElement sysinfo) {
        for (XmlElement entry : sysinfo.all("entry")) {
            String name = QuotedText.of(entry.value("@name").orElse(""));
            domain.at("sysinfo/entry[@name=" + name + "]")
                    .file(FileRole.FIRMWARE_CONFIGURATION, entry.value("@file"), UseAccess.READ_ONLY);
        }
    }
}
