package labeler.vm.qemu.option;

import static labeler.vm.qemu.option.KeyMeaning.none;
import static labeler.vm.qemu.option.KeyMeaning.refused;
import static labeler.vm.qemu.option.KeyMeaning.writes;

import java.util.Map;
import java.util.Optional;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -netdev}, {@code -nic} and {@code -net}. */
final class Networks {
    private static final KeyMeaning DIRECTORY =
            refused("qemu serves a directory tree to the guest", "serve it with a server of its own");
    private static final KeyMeaning PROGRAM =
            refused("qemu runs a program", "make the interface beforehand and pass it as fd=");

    private static final KeyTable NO_KEYS = new KeyTable(Map.of());

    private static final Map<String, KeyTable> TYPES = Map.ofEntries(
            Map.entry("none", NO_KEYS),
            Map.entry("nic", NO_KEYS),
            Map.entry("socket", NO_KEYS),
            Map.entry("hubport", NO_KEYS),
            Map.entry("l2tpv3", NO_KEYS),
            Map.entry("vhost-user", NO_KEYS),
            Map.entry("af-xdp", NO_KEYS),
            Map.entry(
                    "user",
                    new KeyTable(Map.of(
                            "tftp",
                            DIRECTORY,
                            "smb",
                            DIRECTORY,
                            "guestfwd",
                            PROGRAM,
                            "bootfile",
                            none(),
                            "net",
                            none(),
                            "ipv6-net",
                            none()))),
            // The scripts are looked at below.
            Map.entry("tap", new KeyTable(Map.of("script", none(), "downscript", none(), "helper", PROGRAM))),
            Map.entry("bridge", new KeyTable(Map.of("helper", PROGRAM))),
            Map.entry("vde", new KeyTable(Map.of("sock", refused("the directory of a switch", "use tap or stream")))),
            Map.entry("vhost-vdpa", new KeyTable(Map.of("vhostdev", writes(FileRole.HOST_DEVICE)))),
            // The sockets are looked at below.
            Map.entry("stream", new KeyTable(Map.of("addr.path", none()))),
            Map.entry("dgram", new KeyTable(Map.of("local.path", none(), "remote.path", none()))));

    private Networks() {}

    static void netdev(PlacedOption option, Parsing parsing) {
        Origin origin = option.origin();
        Optional<Argument> argument = Argument.either(option.argument(), "type");
        if (argument.isEmpty()) {
            parsing.out().malformed(origin, "not JSON");
            return;
        }
        Settings settings = argument.get().settings();
        String type = settings.text("type");
        KeyTable keys = TYPES.get(type);
        if (keys == null) {
            parsing.out()
                    .notUnderstood(
                            origin,
                            "the network back end " + ByteText.shown(type) + " is not known, and may name a file",
                            "use tap, user or stream");
            return;
        }
        keys.declare(option, argument.get(), parsing);
        switch (type) {
            case "tap" -> scripts(origin, settings, parsing.out());
            case "stream" -> stream(origin, settings, parsing.out());
            case "dgram" -> dgram(origin, settings, parsing.out());
            default -> {}
        }
    }

    /** Left out, a script is /etc/qemu-ifup or -ifdown, unless the interface comes open or from a helper. */
    private static void scripts(Origin origin, Settings settings, DefinitionBuilder out) {
        boolean open = settings.has("fd") || settings.has("fds") || settings.has("helper");
        boolean no = settings.text("script").equals("no")
                && settings.text("downscript").equals("no");
        if (!open && !no) {
            out.notUnderstood(
                    origin,
                    "qemu runs a script for the interface",
                    "say script=no,downscript=no, or pass the interface as fd=");
        }
    }

    private static void stream(Origin origin, Settings settings, DefinitionBuilder out) {
        settings.get("addr.path").filter(_ -> !settings.isOn("addr.abstract")).ifPresent(path -> {
            if (settings.isOn("server")) {
                out.socket(origin, ByteText.bytes(path), "qemu listens there: it makes the socket");
            } else {
                out.file(origin, FileRole.SOCKET, ByteText.bytes(path), UseAccess.READ_WRITE);
            }
        });
    }

    private static void dgram(Origin origin, Settings settings, DefinitionBuilder out) {
        settings.get("local.path")
                .ifPresent(
                        path -> out.socket(origin, ByteText.bytes(path), "qemu receives there: it makes the socket"));
        settings.get("remote.path")
                .ifPresent(path -> out.file(origin, FileRole.SOCKET, ByteText.bytes(path), UseAccess.READ_WRITE));
    }
}
