package labeler.vm.qemu.option;

import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.vm.Origin;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -display}, {@code -vnc}, {@code -spice}, {@code -usbdevice}. */
final class Displays {
    private static final String BOUND = "qemu listens there: it makes the socket itself";

    private static final Set<String> USB_DEVICES =
            Set.of("mouse", "tablet", "keyboard", "wacom-tablet", "braille", "u2f-key", "ccid");

    private Displays() {}

    static void display(Origin origin, String argument, Parsing parsing) {
        if (argument.startsWith("vnc=")) {
            vnc(origin, argument.substring("vnc=".length()), parsing);
            return;
        }
        Tables.DISPLAY.declare(origin, Settings.parse(argument, "type"), parsing.directories(), parsing.out());
    }

    static void vnc(Origin origin, String argument, Parsing parsing) {
        Settings settings = Settings.parse(argument, "vnc");
        for (String key : List.of("vnc", "websocket")) {
            String address = settings.text(key);
            if (address.startsWith("unix:")) {
                parsing.out().socket(origin, ByteText.bytes(address.substring("unix:".length())), BOUND);
            }
        }
        new KeyTable(Map.of("vnc", KeyMeaning.none(), "websocket", KeyMeaning.none()))
                .declare(origin, settings, parsing.directories(), parsing.out());
    }

    static void spice(Origin origin, String argument, Parsing parsing) {
        Settings settings = Settings.parse(argument);
        Tables.SPICE.declare(origin, settings, parsing.directories(), parsing.out());
        settings.get("addr")
                .filter(address -> settings.isOn("unix") || address.startsWith("/"))
                .ifPresent(address -> parsing.out().socket(origin, ByteText.bytes(address), BOUND));
    }

    static void usbDevice(Origin origin, String argument, Parsing parsing) {
        if (!USB_DEVICES.contains(argument)) {
            parsing.out()
                    .notUnderstood(
                            origin,
                            "the USB device " + ByteText.shown(argument) + " is not known",
                            "write it as -device");
        }
    }
}
