package labeler.vm.qemu.option;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -object}: one row for each type that names files, one set of those that never do. */
final class Objects {
    private static final Map<String, KeyTable> WITH_FILES = withFiles();

    private static final Set<String> WITHOUT_FILES = NameTable.of("""
        acpi-generic-initiator acpi-generic-port arm-smmuv3-accel authz-list authz-pam can-bus can-host-socketcan
        colo-compare cryptodev-backend cryptodev-backend-builtin cryptodev-backend-lkcf cryptodev-vhost-user
        filter-buffer filter-mirror filter-redirector filter-replay filter-rewriter input-barrier
        iothread main-loop memory-backend-memfd memory-backend-ram
        pef-guest rng-builtin rng-egd s390-pv-guest secret_keyring thread-context throttle-group tls-cipher-suites
        x-remote-object
        """);

    private Objects() {}

    private static Map<String, KeyTable> withFiles() {
        KeyTable none = KeyTable.EMPTY;
        // The directory, and other values without a key here, are read below.
        KeyTable tls = none.ignores("dir");
        KeyTable sev = none.writes(FileRole.SHARED_DEVICE, "sev-device");
        Map<String, KeyTable> types = new HashMap<>();
        types.put("memory-backend-file", none.creates(FileRole.MEMORY, "mem-path"));
        types.put("memory-backend-epc", none);
        types.put("memory-backend-shm", none);
        types.put("dbus-vmstate", none.ignores("addr"));
        types.put("iommufd", none);
        types.put("rng-random", none.reads(FileRole.RANDOM_SOURCE, "filename"));
        types.put("secret", none.readsByName(FileRole.SECRET, "file").ignores("data iv"));
        types.put("tls-creds-x509", tls);
        types.put("tls-creds-psk", tls);
        types.put("tls-creds-anon", tls);
        types.put("sev-guest", sev.reads(FileRole.CONFIGURATION, "dh-cert-file session-file"));
        types.put("sev-snp-guest", sev.ignores("guest-visible-workarounds id-block id-auth host-data"));
        types.put(
                "tdx-guest",
                none.ignores("mrconfigid mrowner mrownerconfig")
                        .writes(FileRole.SOCKET, "quote-generation-socket.path"));
        types.put("igvm-cfg", none.reads(FileRole.FIRMWARE, "file"));
        types.put("authz-list-file", none.reads(FileRole.CONFIGURATION, "filename"));
        types.put("authz-simple", none.ignores("identity"));
        types.put("input-linux", none.writes(FileRole.HOST_DEVICE, "evdev"));
        types.put("filter-dump", none.creates(FileRole.LOG, "file"));
        types.put("qtest", none.creates(FileRole.LOG, "log"));
        types.put("pr-manager-helper", none.writes(FileRole.SOCKET, "path"));
        types.put("x-vfio-user-server", none.listensAt("socket.path"));
        return Map.copyOf(types);
    }

    static void object(OptionContext in) {
        in.either("qom-type").ifPresent(argument -> object(argument, in));
    }

    private static void object(Argument argument, OptionContext in) {
        String type = argument.settings().text("qom-type");
        if (isKnown(type)) {
            keys(type, argument.settings()).declare(argument, in);
            if (argument.settings().all().stream().anyMatch(setting -> isAbstract(setting, argument.settings()))) {
                in.abstractSocket();
            }
            declare(type, argument.settings(), in);
        } else {
            in.notUnderstood(
                    "the object type " + ByteText.shown(type) + " is not known, and may name a file",
                    "use one of qemu 10.0's types");
        }
    }

    private static boolean isAbstract(Settings.Setting setting, Settings all) {
        return setting.key().endsWith("socket.abstract") && all.isOn(setting.key());
    }

    /** A backing file that is read-only is not made, and never written. */
    private static KeyTable keys(String type, Settings settings) {
        return type.equals("memory-backend-file") && settings.isOn("readonly")
                ? KeyTable.EMPTY.readsByName(FileRole.MEMORY, "mem-path")
                : WITH_FILES.getOrDefault(type, KeyTable.EMPTY);
    }

    /** The files that the object opens without a name, and those to which its names lead. */
    private static void declare(String type, Settings settings, OptionContext in) {
        switch (type) {
            case "tls-creds-x509", "tls-creds-psk", "tls-creds-anon" -> Credentials.tls(settings, in);
            case "dbus-vmstate" -> BusAddress.declare(settings.text("addr"), in);
            case "rng-random" -> byDefault("filename", "/dev/urandom", UseAccess.READ_ONLY, settings, in);
            case "sev-guest", "sev-snp-guest" ->
                byDefault("sev-device", "/dev/sev", UseAccess.READ_WRITE, settings, in);
            case "iommufd" -> byDefault("fd", "/dev/iommu", UseAccess.READ_WRITE, settings, in);
            case "memory-backend-epc" -> {
                in.shared("/dev/sgx_vepc", UseAccess.READ_WRITE);
                in.perhaps(FileRole.SHARED_DEVICE, "/dev/sgx_provision", UseAccess.READ_ONLY);
            }
            case "memory-backend-shm" ->
                in.made(
                        FileRole.MEMORY,
                        "/dev/shm",
                        Making.NAMELESS,
                        "qemu makes a file there, and removes its name at once");
            default -> {}
        }
    }

    /** A node that many processes use, if the key does not say otherwise. */
    private static void byDefault(String key, String node, UseAccess access, Settings settings, OptionContext in) {
        if (!settings.has(key)) {
            in.shared(node, access);
        }
    }

    static boolean isKnown(String type) {
        return WITH_FILES.containsKey(type) || WITHOUT_FILES.contains(type);
    }
}
