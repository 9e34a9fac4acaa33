package labeler.vm.qemu.option;

import java.util.List;
import java.util.Map;
import java.util.Set;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -display}, {@code -vnc}, {@code -spice}, {@code -usbdevice}. */
final class Displays {
    private static final String BOUND = "qemu listens there: it makes the socket itself";

    private static final Set<String> USB_DEVICES =
            Set.of("mouse", "tablet", "keyboard", "wacom-tablet", "braille", "u2f-key", "ccid");

    private Displays() {}

    static void display(PlacedOption option, Parsing parsing) {
        if (option.argument().startsWith("vnc=")) {
            vnc(option, option.argument().substring("vnc=".length()), parsing);
            return;
        }
        SmallKeyTables.DISPLAY.declare(option, Argument.inSettings(option.argument(), "type"), parsing);
    }

    static void vnc(PlacedOption option, Parsing parsing) {
        vnc(option, option.argument(), parsing);
    }

    private static void vnc(PlacedOption option, String text, Parsing parsing) {
        Argument argument = Argument.inSettings(text, "vnc");
        Settings settings = argument.settings();
        for (String key : List.of("vnc", "websocket")) {
            String address = settings.text(key);
            if (address.startsWith("unix:")) {
                parsing.out().socket(option.origin(), ByteText.bytes(address.substring("unix:".length())), BOUND);
            }
        }
        new KeyTable(Map.of("vnc", KeyMeaning.none(), "websocket", KeyMeaning.none()))
                .declare(option, argument, parsing);
    }

    static void spice(PlacedOption option, Parsing parsing) {
        Argument argument = Argument.inSettings(option.argument(), "");
        Settings settings = argument.settings();
        SmallKeyTables.SPICE.declare(option, argument, parsing);
        settings.get("addr")
                .filter(address -> settings.isOn("unix") || address.startsWith("/"))
                .ifPresent(address -> parsing.out().socket(option.origin(), ByteText.bytes(address), BOUND));
    }

    static void usbDevice(PlacedOption option, Parsing parsing) {
        if (!USB_DEVICES.contains(option.argument())) {
            parsing.out()
                    .notUnderstood(
                            option.origin(),
                            "the USB device " + ByteText.shown(option.argument()) + " is not known",
                            "write it as -device");
        }
    }
}
