package labeler.vm.qemu.option;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.Settings;

/**
 * The argument of a {@code -chardev}, which may be JSON. Both notations have the same words here.
 *
 * @param settings under the keys of {@code key=value} settings; those of the argument come first, in their order
 */
public record CharacterDevice(Argument argument, Settings settings) {
    /** Under which JSON says the kind of an address, which settings do not say. */
    public static final String ADDRESS_TYPE = "addr-type";

    private static final String DATA = "backend.data.";

    /** Keys of JSON (qemu's {@code ChardevBackend}) that settings call otherwise. */
    private static final Map<String, String> WORDS = Map.of(
            "backend.type", "backend",
            "backend.data.addr.type", ADDRESS_TYPE,
            "backend.data.addr.data.path", "path",
            "backend.data.addr.data.host", "host",
            "backend.data.addr.data.port", "port",
            "backend.data.addr.data.abstract", "abstract",
            "backend.data.out", "path",
            "backend.data.in", "input-path",
            "backend.data.device", "path");

    /** Reads it; empty if it looks like JSON and is none. */
    public static Optional<CharacterDevice> read(String text) {
        return Argument.either(text, "backend").map(CharacterDevice::of);
    }

    private static CharacterDevice of(Argument argument) {
        return switch (argument) {
            case Argument.InSettings settings -> new CharacterDevice(settings, settings.settings());
            case Argument.InJson json -> new CharacterDevice(json, renamed(json.settings()));
        };
    }

    private static Settings renamed(Settings json) {
        List<Settings.Setting> renamed = new ArrayList<>();
        for (Settings.Setting setting : json.all()) {
            String key = setting.key().startsWith(DATA) ? setting.key().substring(DATA.length()) : setting.key();
            renamed.add(new Settings.Setting(WORDS.getOrDefault(setting.key(), key), setting.value()));
        }
        Settings settings = new Settings(renamed);
        // In JSON it listens unless it says otherwise; in settings it connects.
        boolean listens = settings.text("backend").equals("socket") && !settings.has("server");
        return listens ? settings.with("server", "on") : settings;
    }
}
