package labeler.vm.qemu.option;

import static java.util.stream.Collectors.toMap;

import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -netdev}, {@code -nic} and {@code -net}. */
final class Networks {
    private static final Map<String, KeyTable> TYPES = types();

    /** {@code tcp:10.0.2.1:80-chardev:ID}, or to a server of the network; options of that may name a log. */
    private static final Pattern FORWARDED = Pattern.compile("[^-/,]*-(?:chardev|tcp):[^/,]*");

    private Networks() {}

    private static Map<String, KeyTable> types() {
        Map<String, KeyTable> types =
                new HashMap<>(NameTable.of("none nic socket hubport l2tpv3 vhost-user af-xdp").stream()
                        .collect(toMap(type -> type, _ -> KeyTable.EMPTY)));
        types.put(
                "user",
                runs("smb")
                        // The directory and the programs are read below.
                        .ignores("bootfile net ipv6-net tftp guestfwd"));
        // The scripts are read below.
        types.put("tap", runs("helper").ignores("script downscript"));
        types.put("bridge", runs("helper"));
        // Refused below.
        types.put("vde", KeyTable.EMPTY.ignores("sock"));
        types.put("vhost-vdpa", KeyTable.EMPTY.writes(FileRole.HOST_DEVICE, "vhostdev"));
        // The sockets are read below.
        types.put("stream", KeyTable.EMPTY.ignores("addr.path"));
        types.put("dgram", KeyTable.EMPTY.ignores("local.path remote.path"));
        return Map.copyOf(types);
    }

    private static KeyTable runs(String keys) {
        return KeyTable.EMPTY.refuses("qemu runs a program", "make the interface beforehand and pass it as fd=", keys);
    }

    static void netdev(OptionContext in) {
        in.either("type").ifPresent(argument -> netdev(argument, in));
    }

    private static void netdev(Argument argument, OptionContext in) {
        Settings settings = argument.settings();
        String type = settings.text("type");
        KeyTable keys = TYPES.get(type);
        if (keys == null) {
            in.notUnderstood(
                    "the network back end " + ByteText.shown(type) + " is not known, and may name a file",
                    "use tap, user or stream");
            return;
        }
        keys.declare(argument, in);
        switch (type) {
            case "user" -> user(settings, in);
            case "tap" -> scripts(settings, in);
            case "vde" ->
                in.notUnderstood(
                        "the directory of a switch, one of several where sock= does not name it", "use tap or stream");
            case "stream" -> stream(settings, in);
            case "dgram" -> dgram(settings, in);
            default -> {}
        }
    }

    /** The guest reads the directory; a connection that is forwarded leads to a device, or to a program. */
    private static void user(Settings settings, OptionContext in) {
        settings.get("tftp").filter(root -> !root.isEmpty()).ifPresent(root -> in.tree(root, UseAccess.READ_ONLY));
        for (Settings.Setting setting : settings.all()) {
            boolean isForwarded =
                    setting.key().equals("guestfwd") || setting.key().startsWith("guestfwd.");
            boolean isKnown = FORWARDED.matcher(setting.value()).matches();
            if (isForwarded && !isKnown) {
                in.notUnderstood(
                        setting.key() + " may run a program, or open a file",
                        "forward it to a character device: guestfwd=tcp:ADDRESS:PORT-chardev:ID");
            }
        }
    }

    /** The default script is /etc/qemu-ifup or -ifdown, unless the interface is already open or comes from a helper. */
    private static void scripts(Settings settings, OptionContext in) {
        boolean open = settings.has("fd") || settings.has("fds") || settings.has("helper");
        boolean no = settings.text("script").equals("no")
                && settings.text("downscript").equals("no");
        if (!open && !no) {
            in.notUnderstood(
                    "qemu runs a script for the interface",
                    "say script=no,downscript=no, or pass the interface as fd=");
        }
    }

    private static void stream(Settings settings, OptionContext in) {
        settings.get("addr.path").ifPresent(path -> {
            if (settings.isOn("addr.abstract")) {
                in.abstractSocket();
            } else if (settings.isOn("server")) {
                in.socket(path, "qemu listens there: it makes the socket");
            } else {
                in.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
            }
        });
    }

    private static void dgram(Settings settings, OptionContext in) {
        settings.get("local.path").ifPresent(path -> in.socket(path, "qemu receives there: it makes the socket"));
        settings.get("remote.path").ifPresent(path -> in.file(FileRole.SOCKET, path, UseAccess.READ_WRITE));
    }
}
