package labeler.vm.qemu.option;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * What the keys of one kind of option mean. A key that is in no row names no file in qemu 10.0, so its value is let
 * pass; unless it has a slash in it, for a newer qemu may know more.
 */
record KeyTable(Map<String, KeyMeaning> meanings) {
    KeyTable {
        meanings = Map.copyOf(meanings);
    }

    /** The same, but for one key. */
    KeyTable with(String key, KeyMeaning meaning) {
        Map<String, KeyMeaning> changed = new HashMap<>(meanings);
        changed.put(key, meaning);
        return new KeyTable(changed);
    }

    void declare(PlacedOption option, Argument argument, Parsing parsing) {
        List<Settings.Setting> settings = argument.settings().all();
        for (int i = 0; i < settings.size(); i++) {
            if (!settings.get(i).value().isEmpty()) {
                declare(option, argument, i, settings.get(i), parsing);
            }
        }
    }

    private void declare(PlacedOption option, Argument argument, int index, Settings.Setting setting, Parsing parsing) {
        switch (meaning(setting)) {
            case KeyMeaning.NamesFile(var role, var access, var takes) -> {
                FilePlace place = new FilePlace(option, takes, new FilePlace.Value(argument, index));
                parsing.files().file(place, role, setting.value(), access);
            }
            case KeyMeaning.NamesFirmware(FileRole role) -> {
                FilePlace place = new FilePlace(option, new Takes.Copy(), new FilePlace.Value(argument, index));
                parsing.directories().search(place, role, setting.value());
            }
            case KeyMeaning.NamesSocketOfQemu() ->
                parsing.out()
                        .socket(
                                option.origin(),
                                ByteText.bytes(setting.value()),
                                "qemu listens there: it makes the socket itself");
            case KeyMeaning.NamesFiles(FileRole role) -> {
                List<String> names = FilePlace.parts(argument, index);
                for (int part = 0; part < names.size(); part++) {
                    FilePlace place =
                            new FilePlace(option, new Takes.Copy(), new FilePlace.Part(argument, index, part));
                    parsing.files().file(place, role, names.get(part), UseAccess.READ_ONLY);
                }
            }
            case KeyMeaning.NotUnderstood(String what, String wayOut) ->
                parsing.out().notUnderstood(option.origin(), ByteText.shown(setting.key()) + ": " + what, wayOut);
            case KeyMeaning.NoFile() -> {}
        }
    }

    KeyMeaning meaning(Settings.Setting setting) {
        KeyMeaning meaning = meanings.get(setting.key());
        if (meaning != null) {
            return meaning;
        }
        return setting.value().indexOf('/') >= 0
                ? KeyMeaning.refused("looks like a file name, and is not understood", "leave the setting out")
                : KeyMeaning.none();
    }
}
