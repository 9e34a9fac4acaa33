package labeler.vm.libvirt;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import labeler.vm.libvirt.FirmwareDescriptor.Flash;
import labeler.vm.libvirt.FirmwareDescriptor.Kernel;
import labeler.vm.libvirt.FirmwareDescriptor.Memory;

/**
 * A domain's wish for firmware. libvirt takes the first descriptor that fits it.
 *
 * @param root of the domain
 * @param os its {@code <os>}
 * @param loader an empty element if it has none
 */
record FirmwareWish(XmlElement root, XmlElement os, XmlElement loader) {
    private static final XmlElement NO_LOADER = new XmlElement("loader", Map.of(), List.of(), "");

    /** The bit of a policy that asks for SEV-ES. */
    private static final int ENCRYPTED_STATE = 4;

    static FirmwareWish of(XmlElement root, XmlElement os) {
        return new FirmwareWish(root, os, os.child("loader").orElse(NO_LOADER));
    }

    /** Whether libvirt chooses the firmware. */
    boolean isAutomatic() {
        return os.value("@firmware").isPresent();
    }

    /** The file that the domain itself names. */
    Optional<String> path() {
        return Optional.of(loader.text()).filter(text -> !text.isBlank());
    }

    /** The type of the loader; without one, a loader is a ROM. */
    boolean isFlash() {
        return loader.has("type", "pflash");
    }

    boolean isStateless() {
        return loader.has("stateless", "yes");
    }

    /** The descriptor that libvirt takes. */
    Optional<FirmwareDescriptor> choose(HostFacts host) {
        if (!isAutomatic() && !isFlash()) {
            return Optional.empty();
        }
        return host.firmware().stream().filter(this::fits).findFirst();
    }

    private boolean fits(FirmwareDescriptor firmware) {
        String wanted = switch (os.value("@firmware").orElse("")) {
            case "bios" -> "bios";
            case "efi" -> "uefi";
            default -> isFlash() ? "uefi" : "bios";
        };
        return firmware.interfaces().contains(wanted)
                && firmware.fits(os.value("type@arch"), machine())
                && fitsMapping(firmware.mapping())
                && fitsFeatures(firmware)
                && fitsSecurity(firmware);
    }

    /** The short names stand for the newest version of a machine. */
    private String machine() {
        String machine = os.value("type@machine").orElse("pc");
        return switch (machine) {
            case "pc" -> "pc-i440fx-latest";
            case "q35" -> "pc-q35-latest";
            case "virt" -> "virt-latest";
            default -> machine;
        };
    }

    private boolean fitsMapping(FirmwareDescriptor.Mapping mapping) {
        Optional<String> type = loader.value("@type");
        Optional<String> template = os.value("nvram@template");
        return switch (mapping) {
            case Flash flash ->
                is(type, "pflash")
                        && is(path(), flash.executable().file())
                        && is(loader.value("@format"), flash.executable().format())
                        && is(
                                template,
                                flash.template()
                                        .map(FirmwareDescriptor.Image::file)
                                        .orElse(""))
                        && flash.mode().equals(isStateless() ? "stateless" : "split")
                        && !loader.has("readonly", "no");
            case Memory(String file) -> is(type, "rom") && is(path(), file) && !loader.has("readonly", "no");
            case Kernel(String file) -> is(os.value("kernel"), file);
        };
    }

    /** A feature that nobody asks for may have any value. */
    private static boolean is(Optional<String> wanted, String found) {
        return wanted.filter(one -> !one.equals(found)).isEmpty();
    }

    private boolean fitsFeatures(FirmwareDescriptor firmware) {
        boolean needsMonitorMode = firmware.features().contains("requires-smm");
        boolean isForbidden = root.value("features/smm@state").equals(Optional.of("off")) || loader.has("secure", "no");
        return (needsMonitorMode ? !isForbidden : !loader.has("secure", "yes"))
                && fitsSleep(firmware, "suspend-to-mem", "acpi-s3")
                && fitsSleep(firmware, "suspend-to-disk", "acpi-s4")
                && fitsFeature(firmware, "secure-boot")
                && fitsFeature(firmware, "enrolled-keys");
    }

    private boolean fitsSleep(FirmwareDescriptor firmware, String sleep, String feature) {
        return !root.value("pm/" + sleep + "@enabled").equals(Optional.of("yes"))
                || firmware.features().contains(feature);
    }

    private boolean fitsFeature(FirmwareDescriptor firmware, String feature) {
        return os.child("firmware").stream()
                .flatMap(one -> one.all("feature").stream())
                .filter(one -> one.has("name", feature))
                .map(one -> one.value("@enabled").orElse("").toLowerCase(Locale.ROOT))
                .allMatch(enabled -> switch (enabled) {
                    case "yes" -> firmware.features().contains(feature);
                    case "no" -> !firmware.features().contains(feature);
                    default -> true;
                });
    }

    private boolean fitsSecurity(FirmwareDescriptor firmware) {
        XmlElement security = root.child("launchSecurity").orElse(NO_LOADER);
        return switch (security.value("@type").orElse("")) {
            case "sev" ->
                firmware.features().contains("amd-sev")
                        && (!asksForEncryptedState(security)
                                || firmware.features().contains("amd-sev-es"));
            case "sev-snp" -> firmware.features().contains("amd-sev-snp");
            default -> true;
        };
    }

    private static boolean asksForEncryptedState(XmlElement security) {
        try {
            return (Long.decode(security.value("policy").orElse("0").strip()) & ENCRYPTED_STATE) != 0;
        } catch (NumberFormatException e) {
            return false;
        }
    }
}
