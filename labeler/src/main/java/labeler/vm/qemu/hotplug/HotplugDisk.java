package labeler.vm.qemu.hotplug;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.SetName;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.block.BlockDriver;
import labeler.vm.qemu.block.Disk;
import labeler.vm.qemu.handover.DescriptorCommandLine;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.handover.HandoverObstacle;
import labeler.vm.qemu.handover.RewriteResult;
import labeler.vm.qemu.option.PlacedOption;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;

/**
 * A disk that is to join a running VM. Its options are read, refused and rewritten like those of a command line.
 *
 * @param name by which it is removed again: its device's id, or its uppermost node's name if it has no device
 * @param line its options as a command line
 * @param nodes the names of the nodes that its options define, in their order
 * @param device with an id in any case
 */
public record HotplugDisk(String name, QemuCommandLine line, List<String> nodes, Optional<DeviceSettings> device) {
    /** Relative names in headers cannot refer to qemu's directory: it is not known here. */
    private static final HostPath DIRECTORY = HostPath.of("/");

    private static final String PROGRAM = "qemu-system-x86_64";

    /** More than a disk can need: the service itself writes down its layers. */
    private static final int MOST_NODES = 64;

    /** The nodes of a running VM on which a new one stands: 200 images are 400 nodes, and there are filters. */
    private static final int MOST_KNOWN = 1_000;

    /** The limit for nodes in nodes, in JSON; the same as for settings. */
    private static final int MAXIMUM_DEPTH = 64;

    /** qemu's {@code id_wellformed}, and short enough for a node's name. */
    private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9._-]{0,30}");

    public HotplugDisk {
        nodes = List.copyOf(nodes);
    }

    public VmDefinition definition() {
        return line.definition();
    }

    /** The result of reading. */
    public sealed interface Reading {}

    public record Understood(HotplugDisk disk) implements Reading {}

    /**
     * Such a disk cannot be attached, whatever its files are.
     *
     * @param message one line, with the way out
     */
    public record NotUnderstood(String message) implements Reading {}

    /** Reads options; never throws because of their content. */
    public static Reading read(HotplugArguments options) {
        return read(options, Origin::new, MOST_NODES);
    }

    /**
     * The same, of a node that somebody has written otherwise, after those on which it stands: the VM has them already.
     *
     * @param names the origin for each option as it would be written, {@code -blockdev[0]}
     */
    public static Reading read(HotplugArguments options, Function<String, Origin> names) {
        return read(options, names, MOST_KNOWN);
    }

    private static Reading read(HotplugArguments options, Function<String, Origin> names, int most) {
        if (options.blockdevs().isEmpty() || options.blockdevs().size() > most) {
            return new NotUnderstood("a disk has from 1 to " + most + " blockdevs");
        }
        QemuCommandLine line = QemuCommandLine.read(argv(options), DIRECTORY, names);
        if (line.options().isEmpty()) {
            return new NotUnderstood(line.definition().problems().getFirst().message());
        }
        Optional<String> atStart = onlyAtStart(line);
        if (atStart.isPresent()) {
            return new NotUnderstood(
                    atStart.get() + " is no disk that can join a running VM; give it to the VM when it starts");
        }
        List<String> nodes = new ArrayList<>();
        List<PlacedOption> blockdevs = line.options().stream()
                .filter(option -> option.name().equals("blockdev"))
                .toList();
        for (PlacedOption blockdev : blockdevs) {
            Optional<Disk> disk = line.nodes().disk(blockdev.place());
            if (disk.isEmpty()) {
                return new NotUnderstood("a blockdev that is neither JSON nor key=value settings");
            }
            Optional<String> node = disk.get().root().name().filter(HotplugDisk::isName);
            if (node.isEmpty() || nodes.contains(node.get())) {
                return new NotUnderstood("each blockdev needs a node-name of its own, of up to 31 letters, digits, '-',"
                        + " '.' and '_', a letter first");
            }
            if (line.relative().contains(blockdev.origin())) {
                return new NotUnderstood("blockdev " + node.get() + " names a file without its directory; qemu's own is"
                        + " not known here: write the name in full");
            }
            nodes.add(node.get());
        }
        return options.device()
                .map(device -> withDevice(device, line, nodes))
                .orElseGet(() -> new Understood(new HotplugDisk(nodes.getLast(), line, nodes, Optional.empty())));
    }

    private static Reading withDevice(String text, QemuCommandLine line, List<String> nodes) {
        Optional<DeviceSettings> device = DeviceSettings.read(text).map(settings -> settings.withId(nodes.getLast()));
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
        return new Understood(new HotplugDisk(device.get().text("id"), line, nodes, device));
    }

    /** Options that name a device of the host, a directory or another process. None can be held for one disk. */
    private static Optional<String> onlyAtStart(QemuCommandLine line) {
        Stream<String> drivers = line.nodes().disks().stream()
                .filter(disk -> disk.root().has(BlockDriver.NO_IMAGE))
                .map(disk -> disk.place().origin().text());
        Stream<String> uses = line.definition().uses().stream()
                .filter(use -> isOnlyAtStart(use, line.definition()))
                .map(use -> use.origin().text());
        return Stream.concat(drivers, uses).findFirst();
    }

    /** A file that keeps its label is the host's: a library of qemu's reads it for some disk. */
    private static boolean isOnlyAtStart(DeclaredUse use, VmDefinition definition) {
        return switch (use) {
            case DeclaredUse.ImageUse _, DeclaredUse.FileUse _, DeclaredUse.SearchedUse _, DeclaredUse.MadeByQemu _ ->
                use.role() == FileRole.HOST_DEVICE;
            case DeclaredUse.OptionalUse file ->
                definition.wishes().reasonToKeep(file.origin(), file.path()).isEmpty();
            case DeclaredUse.DeviceUse _, DeclaredUse.TreeUse _ -> true;
        };
    }

    /** Whether a disk can have this name. */
    public static boolean isName(String text) {
        return NAME.matcher(text).matches();
    }

    private static List<byte[]> argv(HotplugArguments options) {
        List<String> argv = new ArrayList<>(List.of(PROGRAM));
        options.blockdevs().forEach(blockdev -> argv.addAll(List.of("-blockdev", blockdev)));
        options.device().ifPresent(device -> argv.addAll(List.of("-device", device)));
        return argv.stream().map(word -> word.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /** The commands that tell qemu of it. */
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

        /** The file of the set with this number here. */
        public Optional<HostPath> file(int set) {
            return sets.stream()
                    .filter(one -> one.set() == set)
                    .map(DescriptorSet::path)
                    .findFirst();
        }

        /**
         * The arguments with the names that qemu has given the sets.
         *
         * @param numbers by the number that each set has here
         */
        public List<JsonObject> arguments(Map<Integer, Long> numbers) {
            Map<String, String> names = new LinkedHashMap<>();
            sets.forEach(set -> names.put(set.name(), SetName.DIRECTORY + numbers.get(set.set())));
            return arguments.stream()
                    .map(argument -> (JsonObject) argument.mapped(text -> names.getOrDefault(text, text)))
                    .toList();
        }
    }

    /** qemu takes no descriptor in the place of a passed file. */
    public record NotPossible(List<Problem> problems) implements Commands {
        NotPossible(Problem.Kind kind, String message) {
            this(List.of(new Problem(kind, Optional.empty(), message)));
        }

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
        DescriptorCommandLine written = new DescriptorCommandLine(line, chains, passed, Map.of());
        return switch (written.rewriting()) {
            case RewriteResult.NotPossible(List<Problem> problems, List<HandoverObstacle> _) ->
                new NotPossible(problems);
            case RewriteResult.Rewritten(List<byte[]> _, List<DescriptorSet> sets) -> {
                List<JsonObject> arguments = new ArrayList<>();
                Set<String> unreadable = new LinkedHashSet<>();
                for (Disk.Blockdev blockdev : written.blockdevs()) {
                    String node = blockdev.root().name().orElse("");
                    Optional<JsonObject> typed = typed(blockdev.argument());
                    if (typed.isEmpty()) {
                        yield new NotPossible(
                                Problem.Kind.TOO_DEEP,
                                "blockdev " + node + " has more layers than can be written down for QMP; shorten the"
                                        + " chain with qemu-img commit or rebase");
                    }
                    ByteText.inUnicode(typed.get()).ifPresentOrElse(arguments::add, () -> unreadable.add(node));
                }
                yield unreadable.isEmpty()
                        ? new Blockdevs(arguments, sets)
                        : new NotPossible(
                                Problem.Kind.UNSUPPORTED,
                                "blockdev " + String.join(", ", unreadable)
                                        + " leads to a name that is not UTF-8, which QMP cannot express; rename it");
            }
        };
    }

    /** Empty if it is too deep. */
    private static Optional<JsonObject> typed(Argument argument) {
        return switch (argument) {
            case Argument.InJson(JsonObject json) -> Optional.of(json).filter(_ -> isAtMost(MAXIMUM_DEPTH, json));
            case Argument.InSettings settings -> settings.tree().map(NodeTypes::typed);
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
}
