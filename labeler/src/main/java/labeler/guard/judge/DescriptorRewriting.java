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
import labeler.json.Json.JsonObject;
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
import labeler.vm.qemu.text.ByteText;

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

    /** The keys below which a node can be written anew. */
    private static final Set<String> BELOW = Set.of("file", "backing", "data-file");

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

    private boolean isWritten(HostPath path) {
        return nodes.use(path) == NodeFiles.Use.WRITE
                || meaning.widened().stream()
                        .anyMatch(widening -> widening.file().equals(path));
    }

    /** Files that the command itself names, other than nodes. */
    private JoiningFiles.Rewriting named(Predicate<HostPath> handed, List<DescriptorSet> sets) {
        if (meaning.disk().isEmpty()) {
            for (Want want : meaning.wants()) {
                List<HostPath> paths = paths(want.use()).stream().filter(handed).toList();
                Optional<Access> access = Optional.ofNullable(OPENED.get(command.name()));
                if (!paths.isEmpty() && access.isEmpty()) {
                    return WantedFiles.Rewriting.byNameAlone(paths).rewrite(List.of(), _ -> true);
                }
                for (HostPath path : paths) {
                    sets.add(new DescriptorSet(sets.size() + 1, path, access(want.use(), access.orElseThrow()), false));
                }
            }
        }
        return new JoiningFiles.Rewritten(sets);
    }

    private static Access access(DeclaredUse use, Access opened) {
        return use instanceof DeclaredUse.FileUse file && file.access() == UseAccess.READ_ONLY
                ? Access.READ_ONLY
                : opened;
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
        for (HandedDescriptor handed : taken.descriptors()) {
            HostPath path = Optional.ofNullable(wanted.get(handed.set()))
                    .map(DescriptorSet::path)
                    .orElseThrow();
            Optional<Long> number = qemu.add(handed.descriptor(), standing(path), "labeler " + path.printable());
            if (number.isEmpty()) {
                return Optional.empty();
            }
            sets.add(number.get());
            numbers.put(handed.set(), number.get());
            state.ownSet(number.get(), path);
        }
        return Optional.of(
                new Command(command.name(), arguments(taken.sets(), numbers), command.isOutOfBand(), command.id()));
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
        JsonObject named = (JsonObject) ByteText.mapped(command.arguments(), text -> names.getOrDefault(text, text));
        JsonObject withLayers = blockdevs
                .map(written -> below(named, written.arguments(numbers).getLast()))
                .orElse(named);
        return withHeaderName(withLayers);
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
