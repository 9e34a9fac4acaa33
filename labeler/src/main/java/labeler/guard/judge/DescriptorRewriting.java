package labeler.guard.judge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.NodeFiles;
import labeler.guard.sense.Want;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.follow.Taking;
import labeler.lifecycle.follow.WantedFiles;
import labeler.lifecycle.hold.JoiningFiles;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.ImageChain;
import labeler.vm.UseAccess;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * A command with descriptors in place of names, for files that qemu cannot open. A set that a node stands on already gets
 * another member: qemu opens the node's file again by the name of the set.
 */
final class DescriptorRewriting implements WantedFiles.Rewriting {
    /** Commands that open their file by {@code qemu_open}, which alone knows sets, and for which access. */
    private static final Map<String, Access> OPENED = Map.of(
            "blockdev-create", Access.READ_WRITE,
            "chardev-add", Access.WRITE_ONLY,
            "chardev-change", Access.WRITE_ONLY,
            "dump-guest-memory", Access.WRITE_ONLY,
            "migrate", Access.WRITE_ONLY,
            "migrate-incoming", Access.READ_ONLY,
            "screendump", Access.WRITE_ONLY);

    /** Commands that make an image, or open one, by a name in qemu's older way: they open it for each access. */
    private static final Set<String> IMAGES =
            Set.of("blockdev-change-medium", "blockdev-snapshot-sync", "drive-backup", "drive-mirror", "transaction");

    /** Commands whose file comes as a descriptor. */
    private static final Set<String> DESCRIPTORS = Set.of("add-fd", "getfd");

    private static final String FILE = "file:";

    /** The keys below which a node can be written anew. */
    private static final Set<String> BELOW = Set.of("file", "backing", "data-file");

    /** The keys of nodes into which {@code blockdev-create} writes. */
    private static final List<String> FORMATTED = List.of("file", "data-file");

    private static final String SET = "/dev/fdset/";

    private final Command command;
    private final Meaning meaning;
    private final NodeFiles nodes;
    private Optional<HotplugDisk.Blockdevs> blockdevs = Optional.empty();

    DescriptorRewriting(Command command, Meaning meaning, VmState state) {
        this.command = command;
        this.meaning = meaning;
        this.nodes = state.nodes();
    }

    /** Nodes on sets whose files qemu will open again. */
    List<Node> reopened() {
        return meaning.reopened().stream()
                .filter(node ->
                        NodeFiles.set(node).isPresent() && nodes.path(node).isPresent())
                .toList();
    }

    @Override
    public JoiningFiles.Rewriting rewrite(List<ImageChain> chains, Predicate<HostPath> handed) {
        List<DescriptorSet> sets = new ArrayList<>();
        if (meaning.disk().isPresent()) {
            switch (meaning.disk().get().commands(chains, handed)) {
                case HotplugDisk.NotPossible(List<Problem> problems) -> {
                    return new JoiningFiles.NotPossible(problems);
                }
                case HotplugDisk.Blockdevs written -> {
                    blockdevs = Optional.of(written);
                    sets.addAll(written.sets());
                }
            }
        }
        for (Node node : reopened()) {
            HostPath path = nodes.path(node).orElseThrow();
            sets.add(new DescriptorSet(sets.size() + 1, path, Access.READ_ONLY, node.isDirect()));
            if (isWritten(path)) {
                sets.add(new DescriptorSet(sets.size() + 1, path, Access.READ_WRITE, node.isDirect()));
            }
        }
        return named(handed, sets);
    }

    /**
     * Whether the command writes the first header into a node. It opens the file for writing twice, and qemu's locks on
     * the first open file would stay with the member of a set. So it gets a node of its own, and the client's node is
     * opened anew afterwards: it knows the length that the file had before.
     */
    private boolean isFormatted(Node node) {
        return command.name().equals("blockdev-create")
                && command.arguments().get("options").orElse(Json.nothing()) instanceof JsonObject options
                && FORMATTED.stream().anyMatch(key -> options.text(key).equals(Optional.of(node.name())));
    }

    private boolean isWritten(HostPath path) {
        return nodes.use(path) == NodeFiles.Use.WRITE
                || meaning.widened().stream()
                        .anyMatch(widening -> widening.file().equals(path));
    }

    /** Files that the command itself names, other than nodes. */
    private JoiningFiles.Rewriting named(Predicate<HostPath> handed, List<DescriptorSet> sets) {
        boolean isNamed = meaning.disk().isEmpty() && !DESCRIPTORS.contains(command.name());
        for (Want want : isNamed ? meaning.wants() : List.<Want>of()) {
            List<HostPath> paths = paths(want.use()).stream().filter(handed).toList();
            List<Access> accesses = accesses(want.use());
            if (!paths.isEmpty() && accesses.isEmpty()) {
                return WantedFiles.Rewriting.byNameAlone(paths).rewrite(List.of(), _ -> true);
            }
            for (HostPath path : paths) {
                accesses.forEach(access -> sets.add(new DescriptorSet(sets.size() + 1, path, access, false)));
            }
        }
        return new JoiningFiles.Rewritten(sets);
    }

    /** The ways in which qemu opens the file; none for a command that takes no descriptor in its place. */
    private List<Access> accesses(DeclaredUse use) {
        if (IMAGES.contains(command.name())) {
            // The header of a copy of the top alone would get the name of a set.
            return isWhole(command.arguments()) ? accesses(isRead(use)) : List.of();
        }
        Optional<Access> opened = Optional.ofNullable(OPENED.get(command.name()));
        boolean isRead = use instanceof DeclaredUse.FileUse file && file.access() == UseAccess.READ_ONLY;
        return opened.map(access -> isRead ? Access.READ_ONLY : access).stream().toList();
    }

    private static List<Access> accesses(boolean isRead) {
        return isRead ? List.of(Access.READ_ONLY) : List.of(Access.READ_ONLY, Access.READ_WRITE);
    }

    private static boolean isRead(DeclaredUse use) {
        return use instanceof DeclaredUse.ImageUse image && image.image().access() == labeler.chain.Access.READ_ONLY;
    }

    private static boolean isWhole(Json json) {
        return switch (json) {
            case JsonObject object ->
                object.text("sync").filter(sync -> !sync.equals("full")).isEmpty()
                        && object.members().values().stream().allMatch(DescriptorRewriting::isWhole);
            case JsonArray(List<Json> elements) -> elements.stream().allMatch(DescriptorRewriting::isWhole);
            case Json _ -> true;
        };
    }

    private static List<HostPath> paths(DeclaredUse use) {
        return switch (use) {
            case DeclaredUse.ImageUse image ->
                List.of(HostPath.of(image.image().name().bytes()));
            case DeclaredUse.FileUse file -> List.of(file.path());
            case DeclaredUse.MadeByQemu _ -> List.of();
            case DeclaredUse.SearchedUse searched -> searched.candidates();
        };
    }

    /**
     * Gives qemu the descriptors.
     *
     * @param sets gets the numbers of all sets that have a member of ours now
     * @return the command by which qemu uses them; empty if qemu does not take them
     */
    Optional<Command> handOver(Taking.Taken taken, QemuDialogue qemu, VmState state, Set<Long> sets) {
        Map<Integer, Long> numbers = new HashMap<>();
        Map<Integer, DescriptorSet> wanted =
                taken.sets().stream().collect(Collectors.toMap(DescriptorSet::set, set -> set));
        Map<HostPath, Long> made = new HashMap<>();
        for (HandedDescriptor handed : taken.descriptors()) {
            HostPath path = Optional.ofNullable(wanted.get(handed.set()))
                    .map(DescriptorSet::path)
                    .orElseThrow();
            Optional<Long> known = standing(path)
                    .or(() -> Optional.ofNullable(made.get(path))
                            .filter(_ -> meaning.disk().isEmpty()));
            Optional<Long> number = qemu.add(handed.descriptor(), known, path);
            if (number.isEmpty()) {
                return Optional.empty();
            }
            sets.add(number.get());
            made.put(path, number.get());
            numbers.put(handed.set(), number.get());
            state.ownSet(number.get(), path);
        }
        JsonObject arguments = arguments(taken.sets(), numbers);
        for (Node node : formatted()) {
            Optional<Long> set = nodes.path(node).map(made::get);
            Optional<JsonObject> formatting =
                    set.isEmpty() ? Optional.empty() : inOwnNode(arguments, node, set.get(), qemu);
            if (formatting.isEmpty()) {
                return Optional.empty();
            }
            arguments = formatting.get();
            state.renew(set.get(), node);
        }
        return Optional.of(new Command(command.name(), arguments, command.isOutOfBand(), command.id()));
    }

    private List<Node> formatted() {
        return reopened().stream().filter(this::isFormatted).toList();
    }

    /** The arguments with another node on the same file in place of this one; the job's end removes it. */
    private static Optional<JsonObject> inOwnNode(JsonObject arguments, Node node, long set, QemuDialogue qemu) {
        String name = VmState.nodeOf(set);
        Json.ObjectBuilder added = Json.object()
                .put("driver", node.driver())
                .put("node-name", name)
                .put("filename", SET + set);
        if (qemu.ask("blockdev-add", added.build()).isEmpty()
                || !(arguments.get("options").orElse(Json.nothing()) instanceof JsonObject options)) {
            return Optional.empty();
        }
        Map<String, Json> changed = new LinkedHashMap<>(options.members());
        for (String key : FORMATTED) {
            changed.computeIfPresent(key, (_, value) -> value.equals(Json.of(node.name())) ? Json.of(name) : value);
        }
        Map<String, Json> members = new LinkedHashMap<>(arguments.members());
        members.put("options", new JsonObject(changed));
        return Optional.of(new JsonObject(members));
    }

    /** The set on which a node with this file stands. */
    private Optional<Long> standing(HostPath path) {
        return nodes.nodes(path).stream()
                .flatMap(node -> NodeFiles.set(node).stream())
                .findFirst();
    }

    private JsonObject arguments(List<DescriptorSet> sets, Map<Integer, Long> numbers) {
        Map<String, String> names = new HashMap<>();
        sets.forEach(
                set -> names.put(new String(set.path().bytes(), StandardCharsets.UTF_8), SET + numbers.get(set.set())));
        JsonObject named = (JsonObject) command.arguments().mapped(text -> named(text, names));
        JsonObject withLayers = blockdevs
                .map(written -> below(named, written.arguments(numbers).getLast()))
                .orElse(named);
        return withHeaderName(meaning.overlays().isEmpty() ? withLayers : (JsonObject) ofExisting(withLayers));
    }

    /** A name, or one after {@code file:} and before an offset. */
    private static String named(String text, Map<String, String> names) {
        if (!text.startsWith(FILE)) {
            return names.getOrDefault(text, text);
        }
        List<String> parts = List.of(text.substring(FILE.length()).split(",offset=", 2));
        String name = names.getOrDefault(parts.getFirst(), parts.getFirst());
        return FILE + name + text.substring(FILE.length() + parts.getFirst().length());
    }

    /** The overlay has its header already. */
    private static Json ofExisting(Json json) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) -> {
                Map<String, Json> changed = new LinkedHashMap<>();
                members.forEach((key, value) -> changed.put(key, ofExisting(value)));
                if (members.get("snapshot-file") instanceof JsonString(String name) && name.startsWith(SET)) {
                    changed.put("mode", Json.of("existing"));
                }
                yield new JsonObject(changed);
            }
            case JsonArray(List<Json> elements) ->
                new JsonArray(
                        elements.stream().map(DescriptorRewriting::ofExisting).toList());
            case Json other -> other;
        };
    }

    /** The client's own options, with the nodes below that headers name. */
    private JsonObject below(JsonObject named, JsonObject written) {
        Map<String, Json> members = new LinkedHashMap<>(named.members());
        for (String key : BELOW) {
            Optional<Json> layer = written.get(key);
            boolean isClients = named.get(key).isPresent() && !(named.get(key).get() instanceof JsonObject);
            if (!isClients && layer.isPresent() && layer.get() instanceof JsonObject) {
                members.put(key, layer.get());
            }
        }
        return new JsonObject(members);
    }

    /** qemu would write the name of the set into the header of the image above. */
    private JsonObject withHeaderName(JsonObject arguments) {
        boolean isGiven = arguments.get("backing-file").isPresent();
        if (isGiven || meaning.below().isEmpty()) {
            return arguments;
        }
        Map<String, Json> members = new LinkedHashMap<>(arguments.members());
        members.put("backing-file", Json.of(new String(meaning.below().get().bytes(), StandardCharsets.UTF_8)));
        return new JsonObject(members);
    }
}
