package labeler.vm.qemu.option;

import java.util.List;
import java.util.Optional;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** The address of a D-Bus, {@code unix:path=/socket;tcp:host=…}: where qemu connects. */
final class BusAddress {
    private static final String WAY_OUT = "name the bus's socket: addr=unix:path=NAME";

    private BusAddress() {}

    static void declare(String address, OptionContext in) {
        for (String one : ByteText.split(address, ';')) {
            int colon = one.indexOf(':');
            String transport = colon < 0 ? one : one.substring(0, colon);
            Settings settings = Settings.parse(colon < 0 ? "" : one.substring(colon + 1));
            switch (transport) {
                case "tcp", "" -> {}
                case "unix" -> unix(settings, in);
                default ->
                    in.notUnderstood("the bus's address " + ByteText.shown(one) + " may lead to any program", WAY_OUT);
            }
        }
    }

    private static void unix(Settings settings, OptionContext in) {
        List<String> keys = settings.all().stream()
                .map(Settings.Setting::key)
                .filter(key -> !key.equals("guid"))
                .toList();
        Optional<String> path = settings.get("path").flatMap(ByteText::decoded);
        if (keys.equals(List.of("path")) && path.isPresent()) {
            in.file(FileRole.SOCKET, path.get(), UseAccess.READ_WRITE);
        } else if (keys.equals(List.of("abstract"))) {
            in.abstractSocket();
        } else {
            in.notUnderstood("the bus's address is not that of one socket", WAY_OUT);
        }
    }
}
