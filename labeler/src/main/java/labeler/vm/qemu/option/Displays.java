package labeler.vm.qemu.option;

import java.util.List;
import java.util.Set;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -display}, {@code -vnc}, {@code -spice}, {@code -usbdevice}. */
final class Displays {
    private static final KeyTable DISPLAY = KeyTable.EMPTY.writes(FileRole.SHARED_DEVICE, "rendernode");

    private static final KeyTable VNC = KeyTable.EMPTY.ignores("vnc websocket");

    private static final KeyTable SPICE = KeyTable.EMPTY
            .readsByName(FileRole.SECRET, "x509-key-file")
            .readsByName(FileRole.CONFIGURATION, "x509-cert-file x509-cacert-file x509-dh-key-file")
            .refuses("a directory of certificates", "name them: x509-key-file=, x509-cert-file=, …", "x509-dir")
            .writes(FileRole.SHARED_DEVICE, "rendernode")
            // addr is read if unix=on.
            .ignores("addr password x509-key-password");

    private static final Set<String> USB_DEVICES =
            NameTable.of("mouse tablet keyboard wacom-tablet braille u2f-key ccid");

    private Displays() {}

    static void display(OptionContext in) {
        if (in.argument().startsWith("vnc=")) {
            vnc(in.argument().substring("vnc=".length()), in);
        } else {
            DISPLAY.declare(in.settings("type"), in);
        }
    }

    static void vnc(OptionContext in) {
        vnc(in.argument(), in);
    }

    private static void vnc(String text, OptionContext in) {
        Argument argument = Argument.inSettings(text, "vnc");
        for (String key : List.of("vnc", "websocket")) {
            String address = argument.settings().text(key);
            if (address.startsWith("unix:")) {
                in.socket(address.substring("unix:".length()));
            }
        }
        VNC.declare(argument, in);
    }

    static void spice(OptionContext in) {
        Argument argument = in.settings("");
        Settings settings = argument.settings();
        SPICE.declare(argument, in);
        settings.get("addr")
                .filter(address -> settings.isOn("unix") || address.startsWith("/"))
                .ifPresent(in::socket);
    }

    static void usbDevice(OptionContext in) {
        if (!USB_DEVICES.contains(in.argument())) {
            in.notUnderstood(
                    "the USB device " + ByteText.shown(in.argument()) + " is not known", "write it as -device");
        }
    }
}
