package labeler.vm.qemu.option;

import java.util.List;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * One of the addresses by which qemu finds a D-Bus: <a
 * href="https://dbus.freedesktop.org/doc/dbus-specification.html#addresses">its specification</a>.
 */
public sealed interface BusAddress {
    /** For messages: how to name the bus so that it is understood. */
    String WAY_OUT = "name the bus's socket: unix:path=NAME";

    /**
     * A Unix socket in a file system.
     *
     * @param name one character for each byte
     */
    record Socket(String name) implements BusAddress {}

    record AbstractSocket() implements BusAddress {}

    record Network() implements BusAddress {}

    /**
     * An address that may lead anywhere.
     *
     * @param what in words
     */
    record NotUnderstood(String what) implements BusAddress {}

    /** Reads a list of addresses, of which qemu takes the first that answers. One character stands for each byte. */
    static List<BusAddress> parse(String addresses) {
        return ByteText.split(addresses, ';').stream().map(BusAddress::of).toList();
    }

    private static BusAddress of(String address) {
        int colon = address.indexOf(':');
        Settings settings = Settings.parse(colon < 0 ? "" : address.substring(colon + 1));
        return switch (colon < 0 ? address : address.substring(0, colon)) {
            case "tcp", "" -> new Network();
            case "unix" -> unix(settings);
            default -> new NotUnderstood("the bus's address " + ByteText.shown(address) + " may lead to any program");
        };
    }

    private static BusAddress unix(Settings settings) {
        List<String> keys = settings.all().stream()
                .map(Settings.Setting::key)
                .filter(key -> !key.equals("guid"))
                .toList();
        Optional<String> path = settings.get("path").flatMap(ByteText::decoded);
        if (keys.equals(List.of("path")) && path.isPresent()) {
            return new Socket(path.get());
        }
        return keys.equals(List.of("abstract"))
                ? new AbstractSocket()
                : new NotUnderstood("the bus's address is not that of one socket");
    }

    /** Declares what an option names. */
    static void declare(String addresses, OptionContext in) {
        for (BusAddress address : parse(addresses)) {
            switch (address) {
                case Socket(String name) -> in.file(FileRole.SOCKET, name, UseAccess.READ_WRITE);
                case AbstractSocket() -> in.abstractSocket();
                case Network() -> {}
                case NotUnderstood(String what) -> in.notUnderstood(what, WAY_OUT);
            }
        }
    }
}
