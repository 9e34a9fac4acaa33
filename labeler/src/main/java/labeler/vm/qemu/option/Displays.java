package labeler.vm.qemu.option;

import java.util.List;
import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -display}, {@code -vnc}, {@code -spice}, {@code -usbdevice}. */
final class Displays {
    private static final KeyTable DISPLAY = KeyTable.EMPTY.writes(FileRole.SHARED_DEVICE, "rendernode");

    private static final KeyTable VNC = KeyTable.EMPTY.ignores("vnc websocket");

    private static final Set<String> VNC_ADDRESSES = NameTable.of("vnc websocket");

    private static final String UNIX = "unix:";

    private static final KeyTable SPICE = KeyTable.EMPTY
            .readsByName(FileRole.SECRET, "x509-key-file")
            .readsByName(FileRole.CONFIGURATION, "x509-cert-file x509-cacert-file x509-dh-key-file")
            .writes(FileRole.SHARED_DEVICE, "rendernode")
            // addr is read if unix=on, and x509-dir with a port for TLS.
            .ignores("addr password x509-key-password x509-dir");

    /** Values of {@code gl} without a GPU. */
    private static final Set<String> NO_GRAPHICS = NameTable.of("off no false n");

    private static final Set<String> USB_DEVICES = NameTable.of("mouse tablet keyboard wacom-tablet ccid");

    private Displays() {}

    static void display(OptionContext in) {
        if (in.argument().startsWith("vnc=")) {
            vnc(in.argument().substring("vnc=".length()), in);
        } else {
            in.either("type").ifPresent(argument -> display(argument, in));
        }
    }

    private static void display(Argument argument, OptionContext in) {
        Settings settings = argument.settings();
        switch (settings.text("type")) {
            case "egl-headless" -> {
                DISPLAY.declare(argument, in);
                renderNode(settings, in);
            }
            case "dbus" -> {
                DISPLAY.ignores("addr").declare(argument, in);
                bus(settings, in);
                graphics(settings, in);
            }
            case "spice-app" ->
                in.notUnderstood(
                        "qemu makes a socket in a directory of the user's, and starts a viewer",
                        "use -spice unix=on,addr=NAME, and start the viewer yourself");
            default -> DISPLAY.declare(argument, in);
        }
    }

    /** Without an address it is the session's bus, which the environment names. */
    private static void bus(Settings settings, OptionContext in) {
        if (settings.has("addr")) {
            BusAddress.declare(settings.text("addr"), in);
        } else if (!settings.isOn("p2p")) {
            in.notUnderstood(
                    "the bus of a session, which the environment names", "name its socket: addr=unix:path=NAME");
        }
    }

    private static void graphics(Settings settings, OptionContext in) {
        if (settings.has("gl") && !NO_GRAPHICS.contains(settings.text("gl"))) {
            renderNode(settings, in);
        }
    }

    /** The node that qemu takes where none is named: one that it can open. */
    private static void renderNode(Settings settings, OptionContext in) {
        if (settings.text("rendernode").isEmpty()) {
            in.searched(FileRole.SHARED_DEVICE, SharedDevices.RENDER_NODES, UseAccess.READ_WRITE);
        }
    }

    static void vnc(OptionContext in) {
        vnc(in.argument(), in);
    }

    private static void vnc(String text, OptionContext in) {
        Argument argument = Argument.inSettings(text, "vnc");
        // The viewer listens, and qemu connects to it.
        boolean isCalling = argument.settings().isOn("reverse");
        // Each address counts, not only the last one.
        argument.settings().all().stream()
                .filter(setting ->
                        VNC_ADDRESSES.contains(setting.key()) && setting.value().startsWith(UNIX))
                .map(setting -> setting.value().substring(UNIX.length()))
                .forEach(name -> {
                    if (isCalling) {
                        in.file(FileRole.SOCKET, name, UseAccess.READ_WRITE);
                    } else {
                        in.socket(name);
                    }
                });
        VNC.declare(argument, in);
    }

    /** qemu puts the settings of all {@code -spice} together: what one of them says counts for the others. */
    static void spice(OptionContext in) {
        SPICE.declare(in.settings(""), in);
        in.parsing().spice().add(in);
    }

    static void finishSpice(List<OptionContext> all) {
        if (!all.isEmpty()) {
            List<Settings.Setting> together = all.stream()
                    .flatMap(one -> one.settings("").settings().all().stream())
                    .toList();
            spice(new Settings(together), all.getLast());
        }
    }

    private static void spice(Settings settings, OptionContext in) {
        Credentials.spice(settings, in);
        graphics(settings, in);
        settings.get("addr")
                .filter(address -> settings.isOn("unix") || address.startsWith("/"))
                .ifPresent(in::socket);
    }

    static void usbDevice(OptionContext in) {
        if (in.argument().equals(CharacterDevices.BRAILLE)) {
            CharacterDevices.braille(in);
        } else if (!USB_DEVICES.contains(in.argument())) {
            in.notUnderstood(
                    "the USB device " + ByteText.shown(in.argument()) + " is not known", "write it as -device");
        }
    }
}
