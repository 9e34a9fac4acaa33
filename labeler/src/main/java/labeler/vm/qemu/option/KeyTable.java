package labeler.vm.qemu.option;

import java.util.Map;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
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

    void declare(Origin origin, Settings settings, DataDirectories directories, DefinitionBuilder out) {
        for (Settings.Setting setting : settings.all()) {
            if (!setting.value().isEmpty()) {
                declare(origin, setting, directories, out);
            }
        }
    }

    private void declare(Origin origin, Settings.Setting setting, DataDirectories directories, DefinitionBuilder out) {
        byte[] value = ByteText.bytes(setting.value());
        switch (meaning(setting)) {
            case KeyMeaning.NamesFile(var role, var access) -> out.file(origin, role, value, access);
            case KeyMeaning.NamesFirmware(FileRole role) -> directories.search(origin, role, setting.value());
            case KeyMeaning.NamesSocketOfQemu() ->
                out.socket(origin, value, "qemu listens there: it makes the socket itself");
            case KeyMeaning.NamesFiles(FileRole role) -> {
                for (String file : ByteText.split(setting.value(), ':')) {
                    out.file(origin, role, ByteText.bytes(file), labeler.vm.UseAccess.READ_ONLY);
                }
            }
            case KeyMeaning.NotUnderstood(String what, String wayOut) ->
                out.notUnderstood(origin, ByteText.shown(setting.key()) + ": " + what, wayOut);
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
