package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.creates;
import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.reads;
import static labeler.vm.qemu.option.KeyMeaning.readsByName;
import static labeler.vm.qemu.option.KeyMeaning.refused;
import static labeler.vm.qemu.option.KeyMeaning.writes;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.vm.FileRole;

/** The key tables of options that need nothing more than one. */
final class SmallKeyTables {
    /** Free text for the guest, where a slash means nothing. */
    private static final List<String> SMBIOS_TEXTS = List.of(
            "type",
            "manufacturer",
            "version",
            "serial",
            "uuid",
            "sku",
            "family",
            "product",
            "vendor",
            "date",
            "release",
            "asset",
            "location",
            "value",
            "sock_pfx",
            "part",
            "loc_pfx",
            "bank",
            "external_reference",
            "internal_reference",
            "designation",
            "pcidev",
            "uefi");

    private static final KeyMeaning TREE =
            refused("a directory tree", "share it with virtiofsd, which has a context of its own");

    static final KeyTable SMBIOS = smbios();

    static final KeyTable ACPI = new KeyTable(Map.of(
            "file", new KeyMeaning.NamesFiles(FileRole.ACPI_TABLE),
            "data", new KeyMeaning.NamesFiles(FileRole.ACPI_TABLE)));

    static final KeyTable TPM = new KeyTable(Map.of(
            "path", writes(FileRole.HOST_DEVICE),
            "cancel-path", writes(FileRole.HOST_DEVICE)));

    static final KeyTable AUDIO = new KeyTable(Map.of(
            "path", creates(FileRole.LOG),
            "dev", writes(FileRole.SHARED_DEVICE),
            "in.dev", writes(FileRole.SHARED_DEVICE),
            "out.dev", writes(FileRole.SHARED_DEVICE),
            "server", refused("a sound server's socket", "use -audiodev spice or none")));

    static final KeyTable FILE_SYSTEM = new KeyTable(Map.of("path", TREE, "socket", TREE, "sock_fd", TREE));

    static final KeyTable DISPLAY = new KeyTable(Map.of("rendernode", writes(FileRole.SHARED_DEVICE)));

    static final KeyTable SPICE = new KeyTable(Map.of(
            "x509-key-file", readsByName(FileRole.SECRET),
            "x509-cert-file", readsByName(FileRole.CONFIGURATION),
            "x509-cacert-file", readsByName(FileRole.CONFIGURATION),
            "x509-dh-key-file", readsByName(FileRole.CONFIGURATION),
            "x509-dir", refused("a directory of certificates", "name them: x509-key-file=, x509-cert-file=, …"),
            "rendernode", writes(FileRole.SHARED_DEVICE),
            // Looked at with unix=on.
            "addr", none(),
            "password", none(),
            "x509-key-password", none()));

    private SmallKeyTables() {}

    private static KeyTable smbios() {
        Map<String, KeyMeaning> meanings = new HashMap<>();
        SMBIOS_TEXTS.forEach(key -> meanings.put(key, none()));
        meanings.put("file", reads(FileRole.FIRMWARE_CONFIGURATION));
        meanings.put("path", reads(FileRole.FIRMWARE_CONFIGURATION));
        return new KeyTable(meanings);
    }
}
