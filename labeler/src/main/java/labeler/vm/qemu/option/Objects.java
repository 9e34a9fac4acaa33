package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.creates;
import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.reads;
import static labeler.vm.qemu.option.KeyMeaning.readsByName;
import static labeler.vm.qemu.option.KeyMeaning.refused;
import static labeler.vm.qemu.option.KeyMeaning.writes;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/** {@code -object}: one row for each type that names files, one set of those that never do. */
final class Objects {
    private static final KeyMeaning TLS =
            refused("a directory of TLS credentials", "terminate TLS outside of qemu until this is supported");

    private static final Map<String, KeyTable> WITH_FILES = Map.ofEntries(
            row("memory-backend-file", Map.of("mem-path", creates(FileRole.MEMORY))),
            row("rng-random", Map.of("filename", reads(FileRole.RANDOM_SOURCE))),
            row("secret", Map.of("file", readsByName(FileRole.SECRET), "data", none(), "iv", none())),
            row("tls-creds-x509", Map.of("dir", TLS)),
            row("tls-creds-psk", Map.of("dir", TLS)),
            row("tls-creds-anon", Map.of("dir", TLS)),
            row(
                    "sev-guest",
                    Map.of(
                            "sev-device", writes(FileRole.SHARED_DEVICE),
                            "dh-cert-file", reads(FileRole.CONFIGURATION),
                            "session-file", reads(FileRole.CONFIGURATION))),
            row(
                    "sev-snp-guest",
                    Map.of(
                            "sev-device", writes(FileRole.SHARED_DEVICE),
                            "guest-visible-workarounds", none(),
                            "id-block", none(),
                            "id-auth", none(),
                            "host-data", none())),
            row(
                    "tdx-guest",
                    Map.of(
                            "mrconfigid", none(),
                            "mrowner", none(),
                            "mrownerconfig", none(),
                            "quote-generation-socket.path", writes(FileRole.SOCKET))),
            row("igvm-cfg", Map.of("file", reads(FileRole.FIRMWARE))),
            row("authz-list-file", Map.of("filename", reads(FileRole.CONFIGURATION))),
            row("authz-simple", Map.of("identity", none())),
            row("input-linux", Map.of("evdev", writes(FileRole.HOST_DEVICE))),
            row("filter-dump", Map.of("file", creates(FileRole.LOG))),
            row("qtest", Map.of("log", creates(FileRole.LOG))),
            row("pr-manager-helper", Map.of("path", writes(FileRole.SOCKET))),
            row("x-vfio-user-server", Map.of("socket.path", new KeyMeaning.NamesSocketOfQemu())));

    private static final KeyTable NO_KEYS = new KeyTable(Map.of());

    private static final Set<String> WITHOUT_FILES = Set.of(
            "acpi-generic-initiator",
            "acpi-generic-port",
            "arm-smmuv3-accel",
            "authz-list",
            "authz-pam",
            "can-bus",
            "can-host-socketcan",
            "colo-compare",
            "cryptodev-backend",
            "cryptodev-backend-builtin",
            "cryptodev-backend-lkcf",
            "cryptodev-vhost-user",
            "dbus-vmstate",
            "filter-buffer",
            "filter-mirror",
            "filter-redirector",
            "filter-replay",
            "filter-rewriter",
            "input-barrier",
            "iommufd",
            "iothread",
            "main-loop",
            "memory-backend-epc",
            "memory-backend-memfd",
            "memory-backend-ram",
            "memory-backend-shm",
            "pef-guest",
            "rng-builtin",
            "rng-egd",
            "s390-pv-guest",
            "secret_keyring",
            "thread-context",
            "throttle-group",
            "tls-cipher-suites",
            "x-remote-object");

    private Objects() {}

    private static Map.Entry<String, KeyTable> row(String type, Map<String, KeyMeaning> keys) {
        return Map.entry(type, new KeyTable(keys));
    }

    static void object(PlacedOption option, Parsing parsing) {
        Optional<Argument> argument = Argument.either(option.argument(), "qom-type");
        if (argument.isEmpty()) {
            parsing.out().malformed(option.origin(), "not JSON");
            return;
        }
        String type = argument.get().settings().text("qom-type");
        if (!isKnown(type)) {
            parsing.out()
                    .notUnderstood(
                            option.origin(),
                            "the object type " + ByteText.shown(type) + " is not known, and may name a file",
                            "use one of qemu 10.0's types");
            return;
        }
        WITH_FILES.getOrDefault(type, NO_KEYS).declare(option, argument.get(), parsing);
    }

    static boolean isKnown(String type) {
        return WITH_FILES.containsKey(type) || WITHOUT_FILES.contains(type);
    }
}
