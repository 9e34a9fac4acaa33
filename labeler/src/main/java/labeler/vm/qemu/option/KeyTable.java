package labeler.vm.qemu.option;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.Access;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * The meanings of the keys of one kind of option. A key in no row names no file in qemu 10.0, so its value is accepted.
 * The exception is a slash. In a value it may be a file's name, since a newer qemu may know more keys. In a key it may be
 * the value of a key that this option allows to leave out.
 */
record KeyTable(Map<String, KeyMeaning> meanings) {
    static final KeyTable EMPTY = new KeyTable(Map.of());

    private static final KeyMeaning NO_FILE = new KeyMeaning.NoFile();

    private static final KeyMeaning NEW_KEY =
            new KeyMeaning.NotUnderstood("looks like a file name, and is not understood", "leave the setting out");

    KeyTable {
        meanings = Map.copyOf(meanings);
    }

    /** The same, except for these keys. */
    private KeyTable with(String keys, KeyMeaning meaning) {
        Map<String, KeyMeaning> changed = new HashMap<>(meanings);
        NameTable.of(keys).forEach(key -> changed.put(key, meaning));
        return new KeyTable(changed);
    }

    KeyTable reads(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFile(role, UseAccess.READ_ONLY, new NameSubstitute.Copy()));
    }

    /** A copy is not accepted either. */
    KeyTable readsByName(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFile(role, UseAccess.READ_ONLY, new NameSubstitute.NameAlone()));
    }

    KeyTable writes(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFile(role, UseAccess.READ_WRITE, new NameSubstitute.NameAlone()));
    }

    KeyTable creates(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFile(role, UseAccess.CREATE, new NameSubstitute.NameAlone()));
    }

    /** The file that it makes may also exist and be handed over, opened like this. */
    KeyTable creates(FileRole role, Access descriptor, String keys) {
        return with(keys, new KeyMeaning.NamesFile(role, UseAccess.CREATE, new NameSubstitute.Descriptor(descriptor)));
    }

    KeyTable firmware(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFirmware(role));
    }

    KeyTable lists(FileRole role, String keys) {
        return with(keys, new KeyMeaning.NamesFiles(role));
    }

    KeyTable listensAt(String keys) {
        return with(keys, new KeyMeaning.NamesSocketOfQemu());
    }

    KeyTable refuses(String what, String wayOut, String keys) {
        return with(keys, new KeyMeaning.NotUnderstood(what, wayOut));
    }

    /** Keys that name no files, or are read elsewhere. */
    KeyTable ignores(String keys) {
        return with(keys, NO_FILE);
    }

    void declare(Argument argument, OptionContext in) {
        declare(argument, argument.settings(), in);
    }

    /**
     * The same of an argument whose keys have other names.
     *
     * @param renamed as many as the argument has, or more, which cannot be replaced
     */
    void declare(Argument argument, Settings renamed, OptionContext in) {
        List<Settings.Setting> settings = renamed.all();
        for (int i = 0; i < settings.size(); i++) {
            if (!settings.get(i).value().isEmpty()) {
                declare(settings.get(i), new FilePlace.Value(argument, i), in);
            }
        }
    }

    private void declare(Settings.Setting setting, FilePlace.Value spot, OptionContext in) {
        switch (meaning(setting)) {
            case KeyMeaning.NamesFile file -> declare(file, setting.value(), spot, in);
            case KeyMeaning.NamesFirmware firmware -> declare(firmware, setting.value(), spot, in);
            case KeyMeaning.NamesSocketOfQemu() -> in.socket(setting.value());
            case KeyMeaning.NamesFiles(FileRole role) -> {
                List<String> names = FilePlace.parts(spot.argument(), spot.index());
                for (int part = 0; part < names.size(); part++) {
                    FilePlace.Spot one = new FilePlace.Part(spot.argument(), spot.index(), part);
                    in.file(role, names.get(part), UseAccess.READ_ONLY, new NameSubstitute.Copy(), one);
                }
            }
            case KeyMeaning.NotUnderstood(String what, String wayOut) ->
                in.notUnderstood(ByteText.shown(setting.key()) + ": " + what, wayOut);
            case KeyMeaning.NoFile() -> {}
        }
    }

    /** A value that is the name of one file, at any place. */
    static void declare(KeyMeaning.NamesOne meaning, String name, FilePlace.Spot spot, OptionContext in) {
        switch (meaning) {
            case KeyMeaning.NamesFile(var role, var access, var takes) -> in.file(role, name, access, takes, spot);
            case KeyMeaning.NamesFirmware(FileRole role) -> in.firmware(role, name, spot);
        }
    }

    KeyMeaning meaning(Settings.Setting setting) {
        boolean looksLikeFile = setting.key().contains("/") || setting.value().contains("/");
        return Optional.ofNullable(meanings.get(setting.key())).orElse(looksLikeFile ? NEW_KEY : NO_FILE);
    }
}
