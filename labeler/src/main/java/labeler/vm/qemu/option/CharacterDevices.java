package labeler.vm.qemu.option;

import java.util.Set;
import labeler.linux.Access;
import labeler.vm.DeclaredUse.Making;
import labeler.vm.FileRole;
import labeler.vm.KeyFiles;
import labeler.vm.NameTable;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -chardev}, and the older notation of {@code -serial} and similar options. */
final class CharacterDevices {
    private static final FileRole ROLE = FileRole.CHARACTER_DEVICE;

    static final String BRAILLE = "braille";

    /** Back ends that open no file of the host. */
    private static final Set<String> NO_FILE = NameTable.of("""
        null vc ringbuf memory stdio msmouse wctablet testdev mux hub spicevmc spiceport qemu-vdagent udp dbus
        """);

    /** The same in the older notation, alone or before a colon. */
    private static final Set<String> NO_FILE_WORDS = NameTable.of("""
        none null vc stdio msmouse wctablet testdev braille ringbuf pty tcp telnet tn3270 websocket udp chardev
        """);

    /** Keys that the back ends below do not read themselves. */
    private static final KeyTable KEYS = KeyTable.EMPTY
            .creates(FileRole.LOG, Access.WRITE_ONLY, "logfile")
            .ignores("path input-path name backend host");

    /** Only {@code file:} takes a descriptor in the older notation. */
    private static final KeyTable OLD_KEYS = KEYS.creates(FileRole.LOG, "logfile");

    private CharacterDevices() {}

    static void chardev(OptionContext in) {
        CharacterDevice.read(in.argument())
                .ifPresentOrElse(
                        device -> chardev(device, in), () -> in.parsing().out().malformed(in.origin(), "not JSON"));
    }

    private static void chardev(CharacterDevice device, OptionContext in) {
        Settings settings = device.settings();
        KEYS.declare(device.argument(), settings, in);
        String backend = settings.text("backend");
        String path = settings.text("path");
        switch (backend) {
            case "file" -> {
                if (!settings.has("path")) {
                    in.file(ROLE, path, UseAccess.CREATE);
                }
                file(device, "path", UseAccess.CREATE, Access.WRITE_ONLY, in);
                file(device, "input-path", UseAccess.READ_ONLY, Access.READ_ONLY, in);
            }
            case "pipe" -> in.pipe(path);
            case "serial", "parallel", "tty", "parport" -> in.file(ROLE, path, UseAccess.READ_WRITE);
            case "pty" -> terminal(settings.has("path"), path, in);
            case "socket" -> socket(settings, in);
            case BRAILLE -> braille(in);
            default -> {
                if (!NO_FILE.contains(backend)) {
                    in.notUnderstood(
                            "the character device back end " + ByteText.shown(backend) + " is not known",
                            "use one of qemu 10.0's back ends");
                }
            }
        }
    }

    /** A file by the last value of the key. */
    private static void file(
            CharacterDevice device, String key, UseAccess access, Access descriptor, OptionContext in) {
        device.settings()
                .last(key)
                .ifPresent(index -> in.file(
                        ROLE,
                        device.settings().text(key),
                        access,
                        new NameSubstitute.Descriptor(descriptor),
                        new FilePlace.Value(device.argument(), index)));
    }

    /** A Unix socket by its {@code path}; over TCP or from a descriptor there is none. */
    private static void socket(Settings settings, OptionContext in) {
        String path = settings.text("path");
        if (!settings.has("path")) {
            return;
        }
        if (settings.isOn("abstract")) {
            in.abstractSocket();
        } else if (settings.isOn("server")) {
            in.socket(path);
        } else {
            in.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
        }
    }

    /** A terminal of its own, which the kernel makes, and perhaps a link to it; otherwise there is none. */
    private static void terminal(boolean isLinked, String link, OptionContext in) {
        in.file(FileRole.SHARED_DEVICE, SharedDevices.TERMINALS.toString(), UseAccess.READ_WRITE);
        if (isLinked) {
            in.made(ROLE, link, Making.LINK, "qemu makes this link to its terminal");
        }
    }

    /** A library in qemu finds the host's daemon for braille displays by itself, and the key to it. */
    static void braille(OptionContext in) {
        in.perhaps(FileRole.SOCKET, "/var/lib/BrlAPI/0", UseAccess.READ_WRITE);
        in.perhaps(FileRole.SECRET, KeyFiles.BRAILLE, UseAccess.READ_ONLY);
    }

    /** {@code -serial file:/log}, {@code mon:unix:/socket,server}, {@code /dev/ttyS0}, …. */
    static void old(OptionContext in) {
        int start = 0;
        while (in.argument().startsWith("mon:", start)) {
            start += "mon:".length();
        }
        String text = in.argument().substring(start);
        int colon = text.indexOf(':');
        String word = colon < 0 ? text : text.substring(0, colon);
        String rest = colon < 0 ? "" : text.substring(colon + 1);
        switch (word) {
            case "file" -> {
                FilePlace.Spot spot = new FilePlace.From(start + "file:".length());
                in.file(ROLE, rest, UseAccess.CREATE, new NameSubstitute.Descriptor(Access.WRITE_ONLY), spot);
            }
            case "pipe" -> in.pipe(rest);
            case "pty" -> terminal(!rest.isEmpty(), rest, in);
            case "unix" -> {
                Argument socket = Argument.inSettings(rest, "path");
                OLD_KEYS.declare(socket, in);
                socket(socket.settings(), in);
            }
            default -> other(text, word, rest, in);
        }
    }

    private static void other(String text, String word, String rest, OptionContext in) {
        if (text.startsWith("/dev/")) {
            in.file(ROLE, text, UseAccess.READ_WRITE);
        } else if (NO_FILE_WORDS.contains(word)) {
            OLD_KEYS.declare(Argument.inSettings(rest, "host"), in);
            withoutName(word, in);
        } else if (word.contains(",") && NO_FILE_WORDS.contains(word.substring(0, word.indexOf(',')))) {
            Argument settings = Argument.inSettings(text, "backend");
            OLD_KEYS.declare(settings, in);
            withoutName(settings.settings().text("backend"), in);
        } else {
            in.notUnderstood(
                    "the character device " + ByteText.shown(text) + " is not understood", "write it as -chardev");
        }
    }

    /** The files of a back end to which no name was given. */
    private static void withoutName(String backend, OptionContext in) {
        switch (backend) {
            case "pty" -> terminal(false, "", in);
            case BRAILLE -> braille(in);
            default -> {}
        }
    }
}
