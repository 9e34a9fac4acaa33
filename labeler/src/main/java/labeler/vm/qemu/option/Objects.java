package labeler.vm.qemu.option;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/** {@code -object}: one row for each type that names files, one set of those that never do. */
final class Objects {
    private static final Map<String, KeyTable> WITH_FILES = withFiles();

    private static final Set<String> WITHOUT_FILES = NameTable.of("""
        acpi-generic-initiator acpi-generic-port arm-smmuv3-accel authz-list authz-pam can-bus can-host-socketcan
        colo-compare cryptodev-backend cryptodev-backend-builtin cryptodev-backend-lkcf cryptodev-vhost-user
        dbus-vmstate filter-buffer filter-mirror filter-redirector filter-replay filter-rewriter input-barrier
        iommufd iothread main-loop memory-backend-epc memory-backend-memfd memory-backend-ram memory-backend-shm
        pef-guest rng-builtin rng-egd s390-pv-guest secret_keyring thread-context throttle-group tls-cipher-suites
        x-remote-object
        """);

    private Objects() {}

    private static Map<String, KeyTable> withFiles() {
        KeyTable none = KeyTable.EMPTY;
        KeyTable tls = none.refuses(
                "a directory of TLS credentials", "terminate TLS outside of qemu until this is supported", "dir");
        KeyTable sev = none.writes(FileRole.SHARED_DEVICE, "sev-device");
        Map<String, KeyTable> types = new HashMap<>();
        types.put("memory-backend-file", none.creates(FileRole.MEMORY, "mem-path"));
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
            WITH_FILES.getOrDefault(type, KeyTable.EMPTY).declare(argument, in);
        } else {
            in.notUnderstood(
                    "the object type " + ByteText.shown(type) + " is not known, and may name a file",
                    "use one of qemu 10.0's types");
        }
    }

    static boolean isKnown(String type) {
        return WITH_FILES.containsKey(type) || WITHOUT_FILES.contains(type);
    }
}
