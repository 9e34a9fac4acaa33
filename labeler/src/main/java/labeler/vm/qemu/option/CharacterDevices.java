package labeler.vm.qemu.option;

import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.linux.Access;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -chardev}, and the older notation of {@code -serial} and its like. */
final class CharacterDevices {
    private static final byte[] MULTIPLEXER = ByteText.bytes("/dev/ptmx");

    private static final String BOUND = "qemu listens there: it makes the socket itself";

    /** Back ends that open no file of the host by a name. */
    private static final Set<String> NO_FILE = Set.of(
            "null",
            "vc",
            "ringbuf",
            "memory",
            "stdio",
            "msmouse",
            "wctablet",
            "testdev",
            "mux",
            "hub",
            "spicevmc",
            "spiceport",
            "qemu-vdagent",
            "udp",
            "dbus",
            "braille");

    /** The same in the older notation, alone or before a colon. */
    private static final Set<String> NO_FILE_WORDS = Set.of(
            "none",
            "null",
            "vc",
            "stdio",
            "msmouse",
            "wctablet",
            "testdev",
            "braille",
            "ringbuf",
            "pty",
            "tcp",
            "telnet",
            "tn3270",
            "websocket",
            "udp",
            "chardev");

    /** What the back ends below do not look at themselves. */
    private static final KeyTable KEYS = new KeyTable(Map.of(
            "logfile", KeyMeaning.creates(FileRole.LOG, Access.WRITE_ONLY),
            "path", KeyMeaning.none(),
            "input-path", KeyMeaning.none(),
            "name", KeyMeaning.none(),
            "backend", KeyMeaning.none(),
            "host", KeyMeaning.none()));

    /** Nothing but {@code file:} takes a descriptor in the older notation. */
    private static final KeyTable OLD_KEYS = KEYS.with("logfile", KeyMeaning.creates(FileRole.LOG));

    private CharacterDevices() {}

    static void chardev(PlacedOption option, Parsing parsing) {
        Origin origin = option.origin();
        DefinitionBuilder out = parsing.out();
        Argument argument = Argument.inSettings(option.argument(), "backend");
        Settings settings = argument.settings();
        KEYS.declare(option, argument, parsing);
        String backend = settings.text("backend");
        byte[] path = ByteText.bytes(settings.text("path"));
        switch (backend) {
            case "file" -> {
                if (settings.has("path")) {
                    file(option, argument, "path", UseAccess.CREATE, parsing);
                } else {
                    out.file(origin, FileRole.CHARACTER_DEVICE, path, UseAccess.CREATE);
                }
                file(option, argument, "input-path", UseAccess.READ_ONLY, parsing);
            }
            case "pipe" -> pipe(origin, settings.text("path"), out);
            case "serial", "parallel", "tty", "parport" ->
                out.file(origin, FileRole.CHARACTER_DEVICE, path, UseAccess.READ_WRITE);
            case "pty" -> {
                terminal(origin, out);
                if (settings.has("path")) {
                    out.link(origin, path);
                }
            }
            case "socket" -> socket(origin, settings, settings.isOn("server"), out);
            default -> {
                if (!NO_FILE.contains(backend)) {
                    out.notUnderstood(
                            origin,
                            "the character device back end " + ByteText.shown(backend) + " is not known",
                            "use one of qemu 10.0's back ends");
                }
            }
        }
    }

    /** A file by the value that counts. */
    private static void file(PlacedOption option, Argument argument, String key, UseAccess access, Parsing parsing) {
        Takes takes = new Takes.Descriptor(access == UseAccess.READ_ONLY ? Access.READ_ONLY : Access.WRITE_ONLY);
        argument.settings()
                .last(key)
                .ifPresent(index -> parsing.files()
                        .file(
                                new FilePlace(option, takes, new FilePlace.Value(argument, index)),
                                FileRole.CHARACTER_DEVICE,
                                argument.settings().text(key),
                                access));
    }

    /** A Unix socket by its {@code path}; over TCP or from a descriptor there is none. */
    static void socket(Origin origin, Settings settings, boolean server, DefinitionBuilder out) {
        if (!settings.has("path")) {
            return;
        }
        if (settings.isOn("abstract")) {
            out.abstractSocket(origin, "give it a path in the VM's runtime directory (/run/labeler/vms/NAME)");
            return;
        }
        byte[] path = ByteText.bytes(settings.text("path"));
        if (server) {
            out.socket(origin, path, BOUND);
        } else {
            out.file(origin, FileRole.SOCKET, path, UseAccess.READ_WRITE);
        }
    }

    /** A terminal of its own, which the kernel makes; without this qemu has no terminal to open. */
    private static void terminal(Origin origin, DefinitionBuilder out) {
        out.file(origin, FileRole.SHARED_DEVICE, MULTIPLEXER, UseAccess.READ_WRITE);
    }

    /** qemu opens {@code path.in} and {@code path.out}, or {@code path} where it does not have both. */
    private static void pipe(Origin origin, String path, DefinitionBuilder out) {
        for (String suffix : List.of(".in", ".out")) {
            out.searched(
                    origin,
                    FileRole.CHARACTER_DEVICE,
                    List.of(ByteText.bytes(path + suffix), ByteText.bytes(path)),
                    UseAccess.READ_WRITE);
        }
    }

    /** {@code -serial file:/log}, {@code mon:unix:/socket,server}, {@code /dev/ttyS0}, …. */
    static void old(PlacedOption option, Parsing parsing) {
        Origin origin = option.origin();
        String argument = option.argument();
        DefinitionBuilder out = parsing.out();
        int start = 0;
        while (argument.startsWith("mon:", start)) {
            start += "mon:".length();
        }
        String text = argument.substring(start);
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        String rest = colon < 0 ? "" : text.substring(colon + 1);
        switch (word) {
            case "file" ->
                parsing.files()
                        .file(
                                new FilePlace(
                                        option,
                                        new Takes.Descriptor(Access.WRITE_ONLY),
                                        new FilePlace.From(start + "file:".length())),
                                FileRole.CHARACTER_DEVICE,
                                rest,
                                UseAccess.CREATE);
            case "pipe" -> pipe(origin, rest, out);
            case "pty" -> {
                terminal(origin, out);
                if (!rest.isEmpty()) {
                    out.link(origin, ByteText.bytes(rest));
                }
            }
            case "unix" -> {
                Argument socket = Argument.inSettings(rest, "path");
                Settings settings = socket.settings();
                OLD_KEYS.declare(option, socket, parsing);
                socket(origin, settings, settings.isOn("server"), out);
            }
            default -> other(option, text, word, rest, parsing);
        }
    }

    private static void other(PlacedOption option, String text, String word, String rest, Parsing parsing) {
        Origin origin = option.origin();
        DefinitionBuilder out = parsing.out();
        if (text.startsWith("/dev/")) {
            out.file(origin, FileRole.CHARACTER_DEVICE, ByteText.bytes(text), UseAccess.READ_WRITE);
        } else if (NO_FILE_WORDS.contains(word)) {
            OLD_KEYS.declare(option, Argument.inSettings(rest, "host"), parsing);
        } else {
            int comma = word.indexOf(',');
            if (comma < 0 || !NO_FILE_WORDS.contains(word.substring(0, comma))) {
                out.notUnderstood(
                        origin,
                        "the character device " + ByteText.shown(text) + " is not understood",
                        "write it as -chardev");
            } else {
                Argument settings = Argument.inSettings(text, "backend");
                OLD_KEYS.declare(option, settings, parsing);
                if (settings.settings().text("backend").equals("pty")) {
                    terminal(origin, out);
                }
            }
        }
    }
}
