package labeler.vm.qemu.hotplug;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.block.Disk;
import labeler.vm.qemu.block.Node;
import labeler.vm.qemu.handover.DescriptorCommandLine;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.NotPassable;
import labeler.vm.qemu.handover.Rewriting;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.Argument;

/**
 * A disk that is to join a running VM. Its options are read, refused and rewritten as a command line's.
 *
 * @param name by which it is taken out again: its device's id, or its uppermost node's name where it has no device
 * @param line its options as a command line
 * @param nodes the names of the nodes that its options define, in their order
 * @param device with an id in any case
 */
public record AddedDisk(String name, QemuCommandLine line, List<String> nodes, Optional<DeviceSettings> device) {
    /** Names in headers that are relative to qemu's directory cannot be meant: that is not known here. */
    private static final HostPath DIRECTORY = HostPath.of("/");

    /** Settings of nodes that name files of the host: images, blkdebug's rules, gluster's log, rbd's configuration. */
    private static final Set<String> FILE_KEYS = Set.of("filename", "config", "logfile", "conf");

    /** And below {@code server} the sockets of nbd and gluster; elsewhere {@code path} is a name on another host. */
    private static final Set<String> SERVER_KEYS = Set.of("filename", "path");

    private static final String PROGRAM = "qemu-system-x86_64";

    /** More than a disk can need: its layers are written down by us. */
    private static final int MOST_NODES = 64;

    /** Of nodes in nodes, in JSON; as deep as settings go. */
    private static final int MAXIMUM_DEPTH = 64;

    /** {@code id_wellformed} of qemu's, and short enough for a node's name. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,30}");

    public AddedDisk {
        nodes = List.copyOf(nodes);
    }

    public VmDefinition definition() {
        return line.definition();
    }

    /** The result of reading. */
    public sealed interface Reading {}

    public record Understood(AddedDisk disk) implements Reading {}

    /**
     * Such a disk cannot be attached, whatever its files are.
     *
     * @param message one line, with the way out
     */
    public record NotUnderstood(String message) implements Reading {}

    /** Reads options; never throws for what they say. */
    public static Reading read(DiskOptions options) {
        if (options.blockdevs().isEmpty() || options.blockdevs().size() > MOST_NODES) {
            return new NotUnderstood("a disk has from 1 to " + MOST_NODES + " blockdevs");
        }
        QemuCommandLine line = QemuCommandLine.read(argv(options), DIRECTORY);
        if (line.options().isEmpty()) {
            return new NotUnderstood(line.definition().problems().getFirst().message());
        }
        List<String> nodes = new ArrayList<>();
        for (PlacedOption blockdev :
                line.options().subList(0, options.blockdevs().size())) {
            Optional<Disk> disk = line.nodes().disk(blockdev.place());
            if (disk.isEmpty()) {
                return new NotUnderstood("a blockdev that is neither JSON nor key=value settings");
            }
            Node root = disk.get().root();
            Optional<String> node = root.name().filter(AddedDisk::isName);
            if (node.isEmpty() || nodes.contains(node.get())) {
                return new NotUnderstood("each blockdev needs a node-name of its own, of up to 31 letters, digits, '-',"
                        + " '.' and '_', a letter first");
            }
            if (namesRelative(root.options(), FILE_KEYS)) {
                return new NotUnderstood("blockdev " + node.get() + " names a file without its directory; qemu's own is"
                        + " not known here: write the name in full");
            }
            nodes.add(node.get());
        }
        if (options.device().isEmpty()) {
            return new Understood(new AddedDisk(nodes.getLast(), line, nodes, Optional.empty()));
        }
        Optional<DeviceSettings> device = options.device()
                .flatMap(text -> DeviceSettings.read(text))
                .map(settings -> settings.withId(nodes.getLast()));
        if (device.isEmpty() || !nodes.contains(device.get().text("drive"))) {
            return new NotUnderstood(
                    "the device has to be JSON or key=value settings, with drive= one of the blockdevs ("
                            + String.join(", ", nodes) + ")");
        }
        String firmware = device.get().text("romfile");
        if (!firmware.isEmpty() && !firmware.startsWith("/")) {
            return new NotUnderstood("the device's romfile has to be named in full: qemu would search it in directories"
                    + " that are not known here");
        }
        if (!isName(device.get().text("id"))) {
            return new NotUnderstood("the device's id has up to 31 letters, digits, '-', '.' and '_', a letter first");
        }
        return new Understood(new AddedDisk(device.get().text("id"), line, nodes, device));
    }

    /** Whether a disk can have this name. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    /** Recursion is bounded by the JSON reader's depth, and that of settings. */
    private static boolean namesRelative(Json json, Set<String> keys) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.entrySet().stream()
                        .anyMatch(member ->
                                namesRelative(member.getValue(), member.getKey().equals("server") ? SERVER_KEYS : keys)
                                        || (keys.contains(member.getKey())
                                                && member.getValue() instanceof JsonString(String name)
                                                && !name.startsWith("/")));
            case JsonArray(List<Json> elements) -> elements.stream().anyMatch(each -> namesRelative(each, keys));
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> false;
        };
    }

    private static List<byte[]> argv(DiskOptions options) {
        List<byte[]> argv = new ArrayList<>();
        argv.add(PROGRAM.getBytes(StandardCharsets.UTF_8));
        for (String blockdev : options.blockdevs()) {
            argv.add("-blockdev".getBytes(StandardCharsets.UTF_8));
            argv.add(blockdev.getBytes(StandardCharsets.UTF_8));
        }
        options.device().ifPresent(device -> {
            argv.add("-device".getBytes(StandardCharsets.UTF_8));
            argv.add(device.getBytes(StandardCharsets.UTF_8));
        });
        return argv;
    }

    /** How qemu is told of it. */
    public sealed interface Commands {}

    /**
     * The arguments of {@code blockdev-add}, in order.
     *
     * @param sets descriptors that have to be there before, each known by {@link DescriptorSet#name} in the arguments
     */
    public record Blockdevs(List<JsonObject> arguments, List<DescriptorSet> sets) implements Commands {
        public Blockdevs {
            arguments = List.copyOf(arguments);
            sets = List.copyOf(sets);
        }

        /**
         * With the names of the sets that qemu has made of them.
         *
         * @param numbers by the number that each set has here
         */
        public List<JsonObject> arguments(Map<Integer, Long> numbers) {
            Map<String, String> names = new LinkedHashMap<>();
            sets.forEach(set -> names.put(set.name(), "/dev/fdset/" + numbers.get(set.set())));
            return arguments.stream()
                    .map(argument -> (JsonObject) renamed(argument, names))
                    .toList();
        }
    }

    /** A passed file stands where qemu takes no descriptor. */
    public record NotPossible(List<Problem> problems) implements Commands {
        public NotPossible {
            problems = List.copyOf(problems);
        }
    }

    /**
     * The nodes, with descriptors in place of passed files' names, and with every layer below such a file.
     *
     * @param chains of the images that the options name
     * @param passed whether this file is opened for qemu
     */
    public Commands commands(List<ImageChain> chains, Predicate<HostPath> passed) {
        DescriptorCommandLine written = DescriptorCommandLine.of(line, chains, passed, Map.of());
        return switch (written.rewriting()) {
            case Rewriting.NotPossible(List<Problem> problems, List<NotPassable> _) -> new NotPossible(problems);
            case Rewriting.Rewritten(List<byte[]> _, List<DescriptorSet> sets) -> {
                List<JsonObject> arguments = new ArrayList<>();
                Set<String> unreadable = new HashSet<>();
                List<Argument> blockdevs = written.blockdevs();
                for (int at = 0; at < nodes.size(); at++) {
                    String node = nodes.get(at);
                    Optional<JsonObject> typed = typed(blockdevs.get(at));
                    if (typed.isEmpty()) {
                        yield new NotPossible(List.of(new Problem(
                                Problem.Kind.TOO_DEEP,
                                Optional.empty(),
                                "blockdev " + node + " has more layers than can be written down for QMP; shorten the"
                                        + " chain with qemu-img commit or rebase")));
                    }
                    QmpTypes.unicode(typed.get())
                            .ifPresentOrElse(json -> arguments.add((JsonObject) json), () -> unreadable.add(node));
                }
                yield unreadable.isEmpty()
                        ? new Blockdevs(arguments, sets)
                        : new NotPossible(List.of(new Problem(
                                Problem.Kind.UNSUPPORTED,
                                Optional.empty(),
                                "blockdev " + String.join(", ", unreadable)
                                        + " leads to a name that is not UTF-8, which QMP cannot express; rename it")));
            }
        };
    }

    /** Empty where it is too deep. */
    private static Optional<JsonObject> typed(Argument argument) {
        return switch (argument) {
            case Argument.InJson(JsonObject json) -> Optional.of(json).filter(_ -> isAtMost(MAXIMUM_DEPTH, json));
            case Argument.InSettings settings -> settings.tree().map(QmpTypes::typed);
        };
    }

    /** Recursion is bounded by the depth. */
    private static boolean isAtMost(int depth, Json json) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) ->
                depth > 0 && members.values().stream().allMatch(member -> isAtMost(depth - 1, member));
            case JsonArray(List<Json> elements) ->
                depth > 0 && elements.stream().allMatch(element -> isAtMost(depth - 1, element));
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> true;
        };
    }

    private static Json renamed(Json json, Map<String, String> names) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((key, value) -> changed.put(
                        key,
                        key.equals("filename") && value instanceof JsonString(String name)
                                ? new JsonString(names.getOrDefault(name, name))
                                : renamed(value, names)));
                yield new JsonObject(changed);
            }
            case JsonArray(List<Json> elements) ->
                new JsonArray(
                        elements.stream().map(each -> renamed(each, names)).toList());
            case JsonString _, Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> json;
        };
    }
}
