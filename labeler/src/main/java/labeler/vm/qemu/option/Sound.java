package labeler.vm.qemu.option;

import java.util.List;
import java.util.Map;
import labeler.vm.AlsaName;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** {@code -audiodev} and {@code -audio}. */
final class Sound {
    /** Both ways of a sound card, where nothing else is said. */
    private static final String CARD = "/dev/dsp";

    /** The file that qemu makes where none is named. */
    private static final String RECORD = "qemu.wav";

    private static final List<String> SIDES = List.of("in", "out");

    private static final KeyTable NONE = KeyTable.EMPTY;

    private static final Map<String, KeyTable> DRIVERS = Map.of(
            "wav", NONE.creates(FileRole.LOG, "path"),
            "oss", NONE.writes(FileRole.SHARED_DEVICE, "dev in.dev out.dev"),
            // ALSA's own names of devices: read below.
            "alsa", NONE.ignores("in.dev out.dev"),
            "pa", NONE.ignores("server"));

    private Sound() {}

    static void audiodev(OptionContext in) {
        in.either("driver").ifPresent(argument -> declare(argument, in));
    }

    static void audio(OptionContext in) {
        declare(in.settings("driver"), in);
    }

    private static void declare(Argument argument, OptionContext in) {
        Settings settings = argument.settings();
        String driver = settings.text("driver");
        DRIVERS.getOrDefault(driver, NONE).declare(argument, in);
        switch (driver) {
            case "wav" -> {
                if (!settings.has("path")) {
                    in.file(FileRole.LOG, RECORD, UseAccess.CREATE);
                }
            }
            case "oss" -> {
                if (SIDES.stream().anyMatch(side -> !settings.has(side + ".dev"))) {
                    in.perhaps(FileRole.SHARED_DEVICE, CARD, UseAccess.READ_WRITE);
                }
            }
            case "alsa" ->
                SIDES.stream().map(side -> settings.text(side + ".dev")).forEach(name -> alsa(name, in));
            case "jack" -> {
                if (SIDES.stream().anyMatch(side -> settings.isOn(side + ".start-server"))) {
                    in.notUnderstood(
                            "JACK's library then runs the server, by a command in a file of the user's",
                            "start the server yourself, and leave start-server out");
                }
            }
            case "pa" -> server(settings.text("server"), in);
            default -> {}
        }
    }

    private static void alsa(String name, OptionContext in) {
        if (name.startsWith("/")) {
            in.shared(name, UseAccess.READ_WRITE);
        } else if (!AlsaName.isPlain(name)) {
            in.notUnderstood("the sound device " + ByteText.shown(name) + AlsaName.DANGER, AlsaName.WAY_OUT);
        }
    }

    /** PulseAudio's list of servers: hosts, or sockets of this one. */
    private static void server(String servers, OptionContext in) {
        for (String one : ByteText.split(servers, ' ')) {
            String address = one.substring(one.indexOf('}') + 1);
            String path = address.startsWith("unix:") ? address.substring("unix:".length()) : address;
            if (path.startsWith("/")) {
                in.file(FileRole.SOCKET, path, UseAccess.READ_WRITE);
            } else if (path.contains("/") || address.startsWith("unix:")) {
                in.notUnderstood(
                        "the sound server " + ByteText.shown(one) + " is not understood", "name its socket in full");
            }
        }
    }
}
