package labeler.vm.libvirt;

import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BesideImage;
import labeler.chain.ImageRequest.Declared;
import labeler.problem.Problem;
import labeler.problem.QuotedText;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.libvirt.FirmwareDescriptor.Flash;
import labeler.vm.libvirt.FirmwareDescriptor.Kernel;
import labeler.vm.libvirt.FirmwareDescriptor.Memory;

/**
 * {@code <loader>} and {@code <nvram>}: the firmware and the file of its variables.
 *
 * @param chosen the descriptor that libvirt takes, if one fits
 */
record Firmware(Domain domain, XmlElement os, FirmwareWish wish, Optional<FirmwareDescriptor> chosen) {
    static final String VARIABLES = "/var/lib/libvirt/qemu/nvram/";

    void declare() {
        Place place = domain.at("os/loader");
        if (chosen.isPresent()) {
            switch (chosen.get().mapping()) {
                case Flash flash ->
                    flash(
                            flash.executable().file(),
                            Optional.of(flash.executable().format()),
                            flash.template());
                case Memory(String file) -> place.file(FileRole.FIRMWARE, file, UseAccess.READ_ONLY);
                case Kernel(String file) -> place.file(FileRole.KERNEL, file, UseAccess.READ_ONLY);
            }
        } else if (wish.isFlash() && wish.path().isPresent()) {
            flash(wish.path().get(), wish.loader().value("@format"), Optional.empty());
        } else {
            wish.path().ifPresent(path -> place.file(FileRole.FIRMWARE, path, UseAccess.READ_ONLY));
            variables(Optional.empty(), Optional.empty());
        }
    }

    private void flash(String file, Optional<String> format, Optional<FirmwareDescriptor.Image> template) {
        boolean isReadOnly =
                wish.isAutomatic() || chosen.isPresent() || wish.loader().has("readonly", "yes");
        Access access = Access.of(!isReadOnly);
        image(domain.at("os/loader"), FileRole.FIRMWARE, file, format, access);
        if (!wish.isStateless()) {
            variables(format, template);
            if (isReadOnly && !hasVariables()) {
                defaultVariables(format, template);
            }
        }
    }

    private boolean hasVariables() {
        Optional<XmlElement> nvram = os.child("nvram");
        return nvram.filter(one -> one.hasChild("source") || !one.text().isBlank())
                .isPresent();
    }

    /** A file that is there is judged and labelled; an empty one in its place would be taken for the variables. */
    private static void made(Place place, String file, String format) {
        place.made(
                FileRole.NVRAM, file, Making.FILE, "libvirt makes it, a copy of the template, before it starts the VM");
        // One that is there has a header, which may name other files.
        if (!format.equals("raw")) {
            image(place, FileRole.NVRAM, file, Optional.of(format), Access.READ_WRITE, true);
        }
    }

    private void defaultVariables(Optional<String> format, Optional<FirmwareDescriptor.Image> template) {
        String variablesFormat = os.value("nvram@templateFormat")
                .or(() -> template.map(FirmwareDescriptor.Image::format))
                .or(() -> format)
                .orElse("raw");
        String templateFile = os.value("nvram@template")
                .or(() -> template.map(FirmwareDescriptor.Image::file))
                .orElse("");
        String ending = variablesFormat.equals("qcow2") ? ".qcow2" : templateFile.endsWith(".raw") ? ".raw" : ".fd";
        made(domain.at("os/nvram"), VARIABLES + domain.name() + "_VARS" + ending, variablesFormat);
    }

    /** libvirt reads the template; qemu does not use it. */
    private void variables(Optional<String> format, Optional<FirmwareDescriptor.Image> template) {
        Optional<XmlElement> found = os.child("nvram");
        if (found.isEmpty()) {
            return;
        }
        XmlElement nvram = found.get();
        Place place = domain.at("os/nvram");
        Optional<String> name = Optional.empty();
        if (!nvram.hasChild("source")) {
            name = Optional.of(nvram.text()).filter(text -> !text.isBlank());
        } else {
            switch (nvram.value("@type").orElse("file")) {
                case "file" -> name = nvram.value("source@file");
                case "block" -> name = nvram.value("source@dev");
                default -> outside(place, nvram);
            }
        }
        Optional<String> own = nvram.value("@format").or(() -> format);
        boolean isMade = nvram.value("@template").isPresent() || template.isPresent();
        name.ifPresent(file -> {
            if (isMade && !nvram.has("type", "block")) {
                made(place, file, own.orElse("raw"));
            } else {
                image(place, FileRole.NVRAM, file, own, Access.READ_WRITE);
            }
        });
    }

    private void outside(Place place, XmlElement nvram) {
        switch (DiskSource.of(domain, place, nvram, false)) {
            case DiskSource.Local(var path) ->
                image(place, FileRole.NVRAM, path.toString(), nvram.value("@format"), Access.READ_WRITE);
            case DiskSource.Outside(String reference, String protocol) ->
                place.out().external(place.origin(), FileRole.NVRAM, reference, protocol);
            case DiskSource.Device(), DiskSource.Nowhere() -> {}
        }
    }

    private static void image(Place place, FileRole role, String name, Optional<String> format, Access access) {
        image(place, role, name, format, access, false);
    }

    private static void image(
            Place place, FileRole role, String name, Optional<String> format, Access access, boolean mayBeMissing) {
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
                .ifPresent(image -> place.out().use(new ImageUse(place.origin(), role, image, false, mayBeMissing)));
    }
}
