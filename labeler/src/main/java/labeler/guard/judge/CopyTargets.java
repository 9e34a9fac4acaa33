package labeler.guard.judge;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Predicate;
import labeler.chain.ImageFormat;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.JsonWriter;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.ImageChain;
import labeler.vm.SetName;
import labeler.vm.qemu.handover.DescriptorSet;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;

/**
 * Images that {@code drive-mirror} and {@code drive-backup} name, as nodes on descriptors. qemu would write the name of a
 * set into the header of a copy that lies on another image, and would look for what a header names. It would also open a
 * new image several times, and its locks on the first open file stay with the member of a set. So the guard writes the
 * header and adds the node, and the job copies to that.
 */
final class CopyTargets {
    private static final String TARGET = "target";

    /** As the disk may have it: nobody tells, and the copy has to give up the same blocks as the guest. */
    private static final String DISCARD = "discard";

    private static final String UNMAP = "unmap";

    /** The commands by names, and those by nodes. */
    private static final Map<String, String> BY_NODE =
            Map.of("drive-mirror", "blockdev-mirror", "drive-backup", "blockdev-backup");

    /** Arguments of the first that the second do not have. */
    private static final Set<String> OF_NAMES = Set.of("format", "mode", "node-name", "unmap");

    private final List<Meaning.Copy> copies;
    private final String command;
    private final Map<HostPath, Place> places = new HashMap<>();

    /**
     * The sets of a copy.
     *
     * @param before the number of sets before them
     * @param existing how an image that is there already is added, with those below it
     */
    private record Place(int before, Optional<HotplugDisk.Blockdevs> existing) {}

    CopyTargets(List<Meaning.Copy> copies, String command) {
        this.copies = List.copyOf(copies);
        this.command = command;
    }

    /** Whether a file is given by a node. */
    boolean has(HostPath file) {
        return places.containsKey(file);
    }

    /**
     * Adds the sets that the copies need.
     *
     * @return why one cannot be; empty if all can
     */
    Optional<JoiningFiles.NotPossible> add(
            List<ImageChain> chains, Predicate<HostPath> handed, List<DescriptorSet> sets) {
        places.clear();
        for (Meaning.Copy copy : copies) {
            if (!handed.test(copy.file())) {
                continue;
            }
            Optional<Problem> problem = copy.exists() ? existing(copy, chains, handed, sets) : made(copy, sets);
            if (problem.isPresent()) {
                return Optional.of(new JoiningFiles.NotPossible(List.of(problem.get())));
            }
        }
        return Optional.empty();
    }

    private Optional<Problem> made(Meaning.Copy copy, List<DescriptorSet> sets) {
        if (command.equals("drive-mirror")
                && copy.below().filter(copy.source()::equals).isPresent()) {
            return Optional.of(Problem.of(
                    Problem.Kind.UNSUPPORTED,
                    copy.file(),
                    "drive-mirror with sync none makes an overlay, which cannot be by descriptors;"
                            + " use blockdev-snapshot-sync"));
        }
        places.put(copy.file(), new Place(sets.size(), Optional.empty()));
        sets.add(new DescriptorSet(
                sets.size() + 1, copy.file(), Access.READ_WRITE, copy.source().isDirect()));
        return Optional.empty();
    }

    private Optional<Problem> existing(
            Meaning.Copy copy, List<ImageChain> chains, Predicate<HostPath> handed, List<DescriptorSet> sets) {
        String name = copy.file().utf8().orElse("");
        Json.ObjectBuilder file = Json.object().put("driver", "file").put("filename", name);
        Json.ObjectBuilder node = Json.object()
                .put("driver", copy.format().driver())
                .put("node-name", "copy")
                .put("cache", cache(copy))
                .put(DISCARD, UNMAP)
                .put("file", file.build());
        HotplugArguments arguments = new HotplugArguments(List.of(JsonWriter.compact(node.build())), Optional.empty());
        return switch (HotplugDisk.read(arguments)) {
            case HotplugDisk.NotUnderstood(String message) ->
                Optional.of(Problem.of(Problem.Kind.UNSUPPORTED, copy.file(), message));
            case HotplugDisk.Understood(HotplugDisk disk) -> existing(copy, disk.commands(chains, handed), sets);
        };
    }

    private Optional<Problem> existing(Meaning.Copy copy, HotplugDisk.Commands commands, List<DescriptorSet> sets) {
        return switch (commands) {
            case HotplugDisk.NotPossible(List<Problem> problems) -> Optional.of(problems.getFirst());
            case HotplugDisk.Blockdevs written -> {
                int before = sets.size();
                places.put(copy.file(), new Place(before, Optional.of(written)));
                written.sets()
                        .forEach(set -> sets.add(
                                new DescriptorSet(before + set.set(), set.path(), set.access(), set.direct())));
                yield Optional.empty();
            }
        };
    }

    private static JsonObject cache(Meaning.Copy copy) {
        return Json.object().put("direct", copy.source().isDirect()).build();
    }

    /**
     * Formats what is new, and adds the nodes.
     *
     * @param named the command with the names of sets
     * @param numbers of sets in qemu, by their numbers here
     * @return the command with nodes; empty if qemu does not take one
     */
    Optional<Command> added(Command named, Map<Integer, Long> numbers, QemuDialogue qemu, VmState state) {
        Map<String, String> nodes = new HashMap<>();
        for (Meaning.Copy copy : copies) {
            Optional<Place> place = Optional.ofNullable(places.get(copy.file()));
            if (place.isPresent()) {
                String name = name(copy, state, nodes);
                if (state.nodes().graph().node(name).isEmpty()) {
                    state.copy(name);
                }
                Optional<String> set = added(copy, place.get(), name, numbers, qemu, state);
                if (set.isEmpty()) {
                    return Optional.empty();
                }
                nodes.put(set.get(), name);
            }
        }
        return Optional.of(nodes.isEmpty() ? named : byNode(named, nodes));
    }

    /** The client may name it later, so it has none of the names that are the guard's own. */
    private static String name(Meaning.Copy copy, VmState state, Map<String, String> others) {
        Map<String, Node> taken = state.nodes().graph().nodes();
        int number = 1;
        while (taken.containsKey("copy-" + number) || others.containsValue("copy-" + number)) {
            number++;
        }
        return copy.name().orElse("copy-" + number);
    }

    private static Optional<String> added(
            Meaning.Copy copy, Place place, String name, Map<Integer, Long> numbers, QemuDialogue qemu, VmState state) {
        Map<Integer, Long> own = new HashMap<>();
        numbers.forEach((number, set) -> own.put(number - place.before(), set));
        if (place.existing().isPresent()) {
            JsonObject node = place.existing().get().arguments(own).getLast();
            Optional<String> set = node.get("file").orElse(Json.nothing()) instanceof JsonObject file
                    ? file.text("filename")
                    : Optional.empty();
            Map<String, Json> members = new LinkedHashMap<>(node.members());
            members.put("node-name", Json.of(name));
            return set.filter(
                    _ -> qemu.ask("blockdev-add", new JsonObject(members)).isPresent());
        }
        String set = SetName.DIRECTORY + own.get(1);
        Json.ObjectBuilder file = Json.object().put("driver", "file").put("filename", set);
        Json.ObjectBuilder node = Json.object()
                .put("driver", copy.format().driver())
                .put("node-name", name)
                .put("cache", cache(copy))
                .put(DISCARD, UNMAP)
                .put("file", file.build());
        copy.below().ifPresent(below -> node.put("backing", below.name()));
        OverlayFormatting formatting = new OverlayFormatting(qemu, state);
        BooleanSupplier isAdded = () -> qemu.ask("blockdev-add", node.build()).isPresent();
        boolean isMade = copy.format() == ImageFormat.RAW
                ? isAdded.getAsBoolean() && formatting.resize(copy, name)
                : formatting.format(copy, set) && isAdded.getAsBoolean();
        return Optional.of(set).filter(_ -> isMade);
    }

    private static Command byNode(Command named, Map<String, String> nodes) {
        Optional<String> node = named.arguments().text(TARGET).flatMap(set -> Optional.ofNullable(nodes.get(set)));
        if (node.isPresent()) {
            return new Command(
                    BY_NODE.getOrDefault(named.name(), named.name()),
                    copied(named.arguments(), node.get()),
                    named.isOutOfBand(),
                    named.id());
        }
        Map<String, Json> members = new LinkedHashMap<>(named.arguments().members());
        members.put(
                "actions",
                new JsonArray(named.arguments().elements("actions").stream()
                        .map(action -> action(action, nodes))
                        .toList()));
        return new Command(named.name(), new JsonObject(members), named.isOutOfBand(), named.id());
    }

    private static Json action(Json json, Map<String, String> nodes) {
        if (!(json instanceof JsonObject action)
                || !(action.get("data").orElse(Json.nothing()) instanceof JsonObject data)) {
            return json;
        }
        Optional<String> node = data.text(TARGET).flatMap(set -> Optional.ofNullable(nodes.get(set)));
        String type = action.text("type").orElse("");
        return node.isEmpty()
                ? json
                : Json.object()
                        .put("type", BY_NODE.getOrDefault(type, type))
                        .put("data", copied(data, node.get()))
                        .build();
    }

    private static JsonObject copied(JsonObject arguments, String node) {
        Map<String, Json> members = new LinkedHashMap<>(arguments.members());
        members.keySet().removeAll(OF_NAMES);
        members.put(TARGET, Json.of(node));
        return new JsonObject(members);
    }
}
