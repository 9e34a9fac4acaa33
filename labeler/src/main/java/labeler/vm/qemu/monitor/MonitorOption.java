package labeler.vm.qemu.monitor;

import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.HostPath;
import labeler.vm.qemu.option.CharacterDevice;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** The monitor that one option of a command line makes. */
sealed interface MonitorOption {
    /** No monitor. */
    record None() implements MonitorOption {}

    /**
     * A monitor at a Unix socket, which a guard can serve.
     *
     * @param chardev the option that makes the socket, where it is another one
     */
    record Socket(HostPath place, Optional<PlacedOption> chardev) implements MonitorOption {}

    /**
     * A way around a guard.
     *
     * @param name by which the configuration may allow it
     */
    record Around(String name, String what, String wayOut) implements MonitorOption {}

    /** A name of the guard's own. */
    record Reserved(String name) implements MonitorOption {}

    /** Beginnings of names that are the service's. */
    String RESERVED = "labeler-";

    /** Settings that a guard serves as qemu does, or need not serve. */
    Set<String> SERVED_KEYS =
            Set.of("backend", "id", "path", "server", "wait", "delay", "nodelay", CharacterDevice.ADDRESS_TYPE);

    String USE_SOCKET = "use -qmp unix:PATH,server=on,wait=off, which the guard serves";

    /**
     * The monitor of this option.
     *
     * @param chardevs of the command line, by their ids
     */
    static MonitorOption of(PlacedOption option, HostPath directory, Map<String, PlacedOption> chardevs) {
        String argument = option.argument();
        return switch (option.name()) {
            case "chardev" -> named(settings(option));
            case "mon" ->
                named(mon(argument)) instanceof Reserved reserved ? reserved : mon(argument, directory, chardevs);
            case "qmp", "qmp-pretty" -> qmp(option, directory, chardevs);
            case "monitor" ->
                argument.equals("none") || argument.equals("null")
                        ? new None()
                        : new Around("-monitor", "a monitor for people (HMP)", USE_SOCKET);
            case "serial", "parallel", "debugcon" ->
                argument.startsWith("mon:")
                        ? new Around(
                                "-" + option.name(),
                                "a monitor for people (HMP) on a serial line",
                                "leave out mon:, and " + USE_SOCKET)
                        : new None();
            case "gdb" ->
                argument.equals("none")
                        ? new None()
                        : new Around("-gdb", "gdb, which reaches all of qemu", "leave it out");
            case "s" -> new Around("-s", "gdb, which reaches all of qemu", "leave it out");
            case "object" ->
                Argument.either(argument, "qom-type")
                                .filter(object ->
                                        object.settings().text("qom-type").equals("qtest"))
                                .isPresent()
                        ? new Around("-object", "qtest, which reaches all of qemu", "leave it out")
                        : new None();
            default -> new None();
        };
    }

    /** The settings of {@code -chardev}. */
    static Settings settings(PlacedOption chardev) {
        return CharacterDevice.read(chardev.argument())
                .map(CharacterDevice::settings)
                .orElseGet(() -> Settings.parse(""));
    }

    private static Settings mon(String argument) {
        return Settings.parse(argument, "chardev");
    }

    private static MonitorOption named(Settings settings) {
        String id = settings.text("id");
        return id.startsWith(RESERVED) ? new Reserved(id) : new None();
    }

    private static MonitorOption mon(String argument, HostPath directory, Map<String, PlacedOption> chardevs) {
        Settings settings = mon(argument);
        return settings.text("mode").equals("control")
                ? onChardev("-mon", settings.text("chardev"), directory, chardevs)
                : new Around("-mon", "a monitor for people (HMP)", "write mode=control, with a Unix socket");
    }

    private static MonitorOption qmp(PlacedOption option, HostPath directory, Map<String, PlacedOption> chardevs) {
        String name = "-" + option.name();
        String argument = option.argument();
        if (argument.equals("none")) {
            return new None();
        }
        if (argument.startsWith("chardev:")) {
            return onChardev(name, argument.substring("chardev:".length()), directory, chardevs);
        }
        return argument.startsWith("unix:")
                ? socket(
                        name, Settings.parse(argument.substring("unix:".length()), "path"), directory, Optional.empty())
                : new Around(name, "QMP on something else than a Unix socket", USE_SOCKET);
    }

    private static MonitorOption onChardev(
            String name, String id, HostPath directory, Map<String, PlacedOption> chardevs) {
        PlacedOption chardev = chardevs.get(id);
        if (chardev == null) {
            // qemu itself says that there is none.
            return new None();
        }
        Settings settings = settings(chardev);
        return settings.text("backend").equals("socket")
                ? socket(name, settings, directory, Optional.of(chardev))
                : new Around(name, "QMP on something else than a Unix socket", USE_SOCKET);
    }

    private static MonitorOption socket(
            String name, Settings settings, HostPath directory, Optional<PlacedOption> chardev) {
        Optional<String> unknown = settings.all().stream()
                .map(Settings.Setting::key)
                .filter(key -> !SERVED_KEYS.contains(key))
                .findFirst();
        if (unknown.isPresent()) {
            return new Around(
                    name, "QMP with " + ByteText.shown(unknown.get()) + ", which the guard does not have", USE_SOCKET);
        }
        if (!settings.isOn("server")) {
            return new Around(name, "QMP on a socket at which another process listens", USE_SOCKET);
        }
        return HostPath.parse(ByteText.bytes(settings.text("path")))
                .<MonitorOption>map(path -> new Socket(path.from(directory), chardev))
                .orElseGet(None::new);
    }
}
