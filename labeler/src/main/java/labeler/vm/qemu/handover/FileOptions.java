package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonWriter;
import labeler.vm.UseAccess;
import labeler.vm.qemu.handover.DescriptorSet.Mode;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Where options other than disks name files, and where qemu takes {@code /dev/fdset/N} for such a name. */
final class FileOptions {
    /** The whole argument is the name. */
    private static final Set<String> NAME_ALONE = Set.of("kernel", "initrd", "shim", "dtb", "bios");

    /** The others, with the key that their first value may go without. */
    private static final Map<String, String> WITH_KEYS = Map.ofEntries(
            Map.entry("machine", "type"),
            Map.entry("M", "type"),
            Map.entry("fw_cfg", "name"),
            Map.entry("device", "driver"),
            Map.entry("boot", "order"),
            Map.entry("smbios", ""),
            Map.entry("acpitable", ""),
            Map.entry("option-rom", "romfile"),
            Map.entry("object", "qom-type"),
            Map.entry("chardev", "backend"));

    /** Keys of those under which qemu reads a file by its name. */
    private static final Set<String> READ_KEYS = Set.of(
            "",
            "cdat",
            "data",
            "dh-cert-file",
            "dtb",
            "file",
            "filename",
            "firmware",
            "frudatafile",
            "initrd",
            "kernel",
            "path",
            "romfile",
            "sdrfile",
            "session-file",
            "shim",
            "splash");

    private static final Set<String> OLD_CHARACTER_DEVICES =
            Set.of("serial", "parallel", "monitor", "qmp", "qmp-pretty", "gdb", "debugcon");

    private static final String OLD_MONITOR = "mon:";
    private static final String OLD_FILE = "file:";

    /** What to put in place of a value, if anything. */
    @FunctionalInterface
    interface Change {
        /**
         * Another value, or none.
         *
         * @param key empty where the value is the whole argument
         */
        Optional<String> of(String key, String value);
    }

    private FileOptions() {}

    static boolean isOldCharacterDevice(PlacedOption option) {
        return OLD_CHARACTER_DEVICES.contains(option.name());
    }

    /** Whether under this key qemu reads a file, and a copy's name may stand in its place. */
    static boolean isRead(String key) {
        return READ_KEYS.contains(key);
    }

    /** With which access qemu opens {@code /dev/fdset/N} there; empty where it takes it for a name. */
    static Optional<Mode> descriptorMode(PlacedOption option, String key, UseAccess access) {
        if (isOldCharacterDevice(option)) {
            return Optional.of(Mode.WRITE_ONLY);
        }
        return switch (option.name() + " " + key) {
            case "chardev logfile", "device pcap" -> Optional.of(Mode.WRITE_ONLY);
            // Of a back end other than file it is a pipe, a terminal, a socket.
            case "chardev path" -> access == UseAccess.CREATE ? Optional.of(Mode.WRITE_ONLY) : Optional.empty();
            case "chardev input-path" -> Optional.of(Mode.READ_ONLY);
            case "device jsonfile" -> Optional.of(Mode.READ_WRITE);
            default -> Optional.empty();
        };
    }

    /** The argument with values changed; the very same where none is. */
    static String changed(PlacedOption option, String argument, Change change) {
        if (NAME_ALONE.contains(option.name())) {
            return change.of("", argument).orElse(argument);
        }
        if (isOldCharacterDevice(option)) {
            return changedOld(argument, change);
        }
        String impliedKey = WITH_KEYS.get(option.name());
        if (impliedKey == null) {
            return argument;
        }
        if (argument.startsWith("{")) {
            return ByteText.json(argument)
                    .map(json -> changed(json, change))
                    .map(json -> json.equals(ByteText.json(argument).get()) ? argument : JsonWriter.compact(json))
                    .orElse(argument);
        }
        Settings settings = Settings.parse(argument, impliedKey);
        Settings changed = changed(settings, option.name().equals("acpitable"), change);
        return changed.equals(settings) ? argument : changed.text();
    }

    /** {@code file:NAME}, after any number of {@code mon:}. */
    private static String changedOld(String argument, Change change) {
        int start = 0;
        while (argument.startsWith(OLD_MONITOR, start)) {
            start += OLD_MONITOR.length();
        }
        if (!argument.startsWith(OLD_FILE, start)) {
            return argument;
        }
        int name = start + OLD_FILE.length();
        return change.of("", argument.substring(name))
                .map(changed -> argument.substring(0, name) + changed)
                .orElse(argument);
    }

    private static JsonObject changed(JsonObject json, Change change) {
        Map<String, Json> members = new LinkedHashMap<>();
        json.members()
                .forEach((key, value) -> members.put(
                        key,
                        value instanceof JsonString(String text)
                                ? change.of(key, text).map(Json::of).orElse(value)
                                : value));
        return new JsonObject(members);
    }

    private static Settings changed(Settings settings, boolean lists, Change change) {
        List<Settings.Setting> changed = new ArrayList<>();
        for (Settings.Setting setting : settings.all()) {
            List<String> values = lists ? ByteText.split(setting.value(), ':') : List.of(setting.value());
            changed.add(new Settings.Setting(
                    setting.key(),
                    values.stream()
                            .map(value -> change.of(setting.key(), value).orElse(value))
                            .collect(Collectors.joining(":"))));
        }
        return new Settings(changed);
    }
}
