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
import labeler.vm.Origin;
import labeler.vm.UseAccess;

/** {@code <os>} and {@code <sysinfo>}: what the guest boots from. */
final class OperatingSystem {
    private static final Set<String> UNDERSTOOD = Set.of(
            "type",
            "firmware",
            "loader",
            "nvram",
            "varstore",
            "kernel",
            "initrd",
            "cmdline",
            "dtb",
            "shim",
            "acpi",
            "boot",
            "bootmenu",
            "smbios",
            "bios",
            "bootloader",
            "bootloader_args",
            "init",
            "initarg",
            "initenv",
            "initdir",
            "inituser",
            "initgroup",
            "idmap");

    private final Domain domain;

    OperatingSystem(Domain domain) {
        this.domain = domain;
    }

    void os(XmlElement os) {
        domain.refuseUnknown("os", os, UNDERSTOOD);
        domain.refuseOwnLabels(new Origin("os"), os);
        read("os/kernel", FileRole.KERNEL, os.child("kernel"));
        read("os/initrd", FileRole.INITRD, os.child("initrd"));
        read("os/dtb", FileRole.DEVICE_TREE, os.child("dtb"));
        read("os/shim", FileRole.SHIM, os.child("shim"));
        for (XmlElement acpi : os.all("acpi")) {
            for (XmlElement table : acpi.all("table")) {
                read("os/acpi/table", FileRole.ACPI_TABLE, Optional.of(table));
            }
        }
        if (os.attribute("firmware").isPresent()
                && os.child("loader").map(XmlElement::text).orElse("").isBlank()) {
            domain.out()
                    .notUnderstood(
                            new Origin("os/@firmware"),
                            "libvirt chooses the firmware, and the file for its variables, when it starts the VM",
                            "give the XML of the started VM, or name loader and nvram");
        }
        os.child("loader").ifPresent(this::loader);
        os.child("nvram").ifPresent(this::nvram);
        // Written anew with each variable that the guest sets (uefi-vars); its template is read by libvirt.
        os.child("varstore")
                .flatMap(store -> store.attribute("path"))
                .ifPresent(path -> domain.file(new Origin("os/varstore"), FileRole.NVRAM, path, UseAccess.CREATE));
    }

    private void read(String where, FileRole role, Optional<XmlElement> element) {
        element.map(XmlElement::text)
                .filter(name -> !name.isBlank())
                .ifPresent(name -> domain.file(new Origin(where), role, name, UseAccess.READ_ONLY));
    }

    private void loader(XmlElement loader) {
        if (loader.text().isBlank()) {
            return;
        }
        Origin origin = new Origin("os/loader");
        if (loader.has("type", "pflash")) {
            Access access = loader.has("readonly", "yes") ? Access.READ_ONLY : Access.READ_WRITE;
            image(origin, FileRole.FIRMWARE, loader.text(), loader.attribute("format"), access);
        } else {
            domain.file(origin, FileRole.FIRMWARE, loader.text(), UseAccess.READ_ONLY);
        }
    }

    /** The template is read by libvirt, and is no use of qemu's. */
    private void nvram(XmlElement nvram) {
        Origin origin = new Origin("os/nvram");
        Optional<XmlElement> source = nvram.child("source");
        Optional<String> format = nvram.attribute("format");
        if (source.isEmpty()) {
            if (!nvram.text().isBlank()) {
                image(origin, FileRole.NVRAM, nvram.text(), format, Access.READ_WRITE);
            }
            return;
        }
        switch (nvram.attribute("type").orElse("file")) {
            case "file" ->
                source.get()
                        .attribute("file")
                        .ifPresent(name -> image(origin, FileRole.NVRAM, name, format, Access.READ_WRITE));
            case "block" ->
                source.get()
                        .attribute("dev")
                        .ifPresent(name -> image(origin, FileRole.NVRAM, name, format, Access.READ_WRITE));
            case "network" ->
                domain.out()
                        .external(
                                origin,
                                FileRole.NVRAM,
                                source.get().attribute("name").orElse(""),
                                source.get().attribute("protocol").orElse(""));
            default ->
                domain.out().notUnderstood(origin, "an NVRAM of this type", "give it as type='file' or type='block'");
        }
    }

    private void image(Origin origin, FileRole role, String name, Optional<String> format, Access access) {
        Optional<ImageFormat> known = ImageFormat.ofDriver(format.orElse("raw"));
        if (known.isEmpty()) {
            domain.out()
                    .problem(
                            Problem.Kind.UNSUPPORTED,
                            origin,
                            "firmware of format " + QuotedText.of(format.orElse(""))
                                    + " is not understood; convert it to qcow2 or raw");
            return;
        }
        if (!domain.isAbsolute(origin, name)) {
            return;
        }
        domain.out()
                .path(origin, Domain.bytes(name))
                .ifPresent(path -> domain.out()
                        .use(new ImageUse(
                                origin,
                                role,
                                ImageRequest.followingHeaders(
                                        FileName.of(path.bytes()),
                                        new Declared(known.get()),
                                        access,
                                        new BesideImage()),
                                false)));
    }

    void sysinfo(XmlElement sysinfo) {
        for (XmlElement entry : sysinfo.all("entry")) {
            entry.attribute("file")
                    .ifPresent(name -> domain.file(
                            new Origin("sysinfo/entry[@name="
                                    + QuotedText.of(entry.attribute("name").orElse("")) + "]"),
                            FileRole.FIRMWARE_CONFIGURATION,
                            name,
                            UseAccess.READ_ONLY));
        }
    }
}
