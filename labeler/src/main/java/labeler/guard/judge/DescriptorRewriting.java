package labeler.guard.judge;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.guard.descriptor.DescriptorArguments;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.Meaning;
import labeler.guard.sense.NodeFiles;
import labeler.guard.sense.Want;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.follow.WantedFiles;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.ImageChain;
import labeler.vm.SetName;
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
    private static final Set<String> IMAGES = Set.of("blockdev-change-medium", "blockdev-snapshot-sync", "transaction");

    /** Commands whose file comes as a descriptor. */
    private static final Set<String> DESCRIPTORS = Set.of("add-fd", "getfd");

    /** The keys of nodes into which {@code blockdev-create} writes. */
    private static final List<String> FORMATTED = List.of("file", "data-file");

    private static final String OPEN = "/proc/self/fd/";

    /** Commands by which qemu reads a file once, as any program does. */
    private static final Set<String> READING = Set.of("device_add", "object-add");

    private final Command command;
    private final Meaning meaning;
    private final LongPredicate isOwnSet;
    private final NodeFiles nodes;
    private final boolean isLandlockAlone;
    private final CopyTargets targets;

    /** The numbers of sets whose descriptor is kept for {@link #renew}. */
    private final Set<Integer> spare = new HashSet<>();

    private final Map<HostPath, QemuDialogue.Member> writers = new HashMap<>();
    private Optional<HotplugDisk.Blockdevs> blockdevs = Optional.empty();

    /** @param isLandlockAlone whether SELinux does not confine qemu as well: a copy in memory has no label for it */
    DescriptorRewriting(Command command, Meaning meaning, VmState state, boolean isLandlockAlone) {
        this.command = command;
        this.isLandlockAlone = isLandlockAlone;
        this.meaning = meaning;
        this.isOwnSet = state::isOwnSet;
        this.nodes = state.nodes();
        this.targets = new CopyTargets(meaning.copies(), command.name());
    }

    /** Nodes on sets whose files qemu will open again. */
    List<Node> reopened() {
        // For a new node over its file, and for one that becomes inactive, a client's set has what the client gave it.
        boolean isOwn = command.name().equals("blockdev-add");
        return Stream.concat(
                        meaning.reopened().stream().filter(node -> isOn(node, set -> !isOwn || isOwnSet.test(set))),
                        meaning.switched().stream().filter(node -> isOn(node, isOwnSet)))
                .distinct()
                .filter(node -> nodes.path(node).isPresent())
                .toList();
    }

    private static boolean isOn(Node node, LongPredicate wanted) {
        return NodeFiles.set(node).filter(wanted::test).isPresent();
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
        spare.clear();
        for (Node node : rewritten()) {
            spare.add(sets.size() + 1);
            sets.add(new DescriptorSet(
                    sets.size() + 1, nodes.path(node).orElseThrow(), Access.READ_WRITE, node.isDirect()));
        }
        return targets.add(chains, handed, sets)
                .<JoiningFiles.Rewriting>map(refused -> refused)
                .orElseGet(() -> named(handed, sets));
    }

    /** The files of images that are only read until their headers are written at the end of the job. */
    private List<Node> rewritten() {
        List<Node> files = meaning.rewritten().stream()
                .filter(Node::isReadOnly)
                .flatMap(image -> nodes.graph().files(image.name()).stream())
                .toList();
        return reopened().stream().filter(files::contains).toList();
    }

    /**
     * Gives qemu another member for writing in place of the one that it has used for a moment. Its locks stay with the
     * open file of a member, and would be in the way when it opens the image for writing again.
     *
     * @return whether qemu takes it
     */
    boolean renew(JoinedFiles taken, QemuDialogue qemu) {
        Map<Integer, HostPath> paths =
                taken.sets().stream().collect(Collectors.toMap(DescriptorSet::set, DescriptorSet::path));
        for (HandedDescriptor handed : taken.descriptors()) {
            Optional<HostPath> path =
                    Optional.ofNullable(paths.get(handed.set())).filter(_ -> spare.contains(handed.set()));
            Optional<QemuDialogue.Member> used = path.map(writers::get);
            if (used.isPresent()) {
                String opaque = "labeler " + path.get().printable();
                boolean isRenewed = qemu.remove(used.get()).isAnswered()
                        && qemu.add(handed.descriptor(), Optional.of(used.get().set()), opaque)
                                .isPresent();
                if (!isRenewed) {
                    return false;
                }
            }
        }
        return true;
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
            List<HostPath> paths = paths(want.use()).stream()
                    .filter(handed)
                    .filter(path -> !targets.has(path))
                    .toList();
            if (isCopied(want.use())) {
                paths.forEach(
                        path -> sets.add(new DescriptorSet(sets.size() + 1, path, Access.READ_ONLY, false, true)));
                continue;
            }
            List<Access> accesses = accesses(want.use());
            if (!paths.isEmpty() && accesses.isEmpty()) {
                return new JoiningFiles.NotPossible(List.of(byNameAlone(paths.getFirst())));
            }
            for (HostPath path : paths) {
                accesses.forEach(access -> sets.add(new DescriptorSet(sets.size() + 1, path, access, false)));
            }
        }
        return new JoiningFiles.Rewritten(sets);
    }

    private boolean isCopied(DeclaredUse use) {
        return isLandlockAlone
                && READING.contains(command.name())
                && use instanceof DeclaredUse.FileUse file
                && !file.access().isWriting();
    }

    /** qemu opens the file as any program does. */
    private Problem byNameAlone(HostPath path) {
        String wayOut = switch (command.name()) {
            case "object-add" ->
                command.arguments()
                                .text("qom-type")
                                .filter("memory-backend-file"::equals)
                                .isPresent()
                        ? "use memory-backend-memfd, or name the file when the VM starts"
                        : "name the file when the VM starts";
            case "pmemsave", "memsave" -> "use dump-guest-memory, which takes one";
            case "device_add" -> "give the device to the VM when it starts";
            default -> "name a file on a file system that stores labels, for a VM that SELinux confines";
        };
        return Problem.of(
                Problem.Kind.LABELS_UNAVAILABLE,
                path,
                "it has to be handed over as a descriptor, and qemu takes none for this argument of " + command.name()
                        + "; " + wayOut);
    }

    /** The ways in which qemu opens the file; none for a command that takes no descriptor in its place. */
    private List<Access> accesses(DeclaredUse use) {
        if (IMAGES.contains(command.name())) {
            return accesses(isRead(use));
        }
        Optional<Access> opened = Optional.ofNullable(OPENED.get(command.name()));
        boolean isRead =
                use instanceof DeclaredUse.FileUse file && !file.access().isWriting();
        return opened.map(access -> isRead ? Access.READ_ONLY : access).stream().toList();
    }

    private static List<Access> accesses(boolean isRead) {
        return isRead ? List.of(Access.READ_ONLY) : List.of(Access.READ_ONLY, Access.READ_WRITE);
    }

    private static boolean isRead(DeclaredUse use) {
        return use instanceof DeclaredUse.ImageUse image
                && !image.image().access().isWriting();
    }

    private static List<HostPath> paths(DeclaredUse use) {
        return use instanceof DeclaredUse.MadeByQemu ? List.of() : use.names();
    }

    /**
     * The members of sets whose nodes are opened again by new ones. qemu's locks belong to the open file of a member: those
     * of an old one would stay, and keep the node from being written. A job that goes on needs its own.
     *
     * @return empty if qemu does not tell
     */
    private Optional<List<QemuDialogue.Member>> replaced(QemuDialogue qemu, VmState state) {
        Set<Long> sets = reopened().stream()
                .flatMap(node -> NodeFiles.set(node).stream())
                .filter(number -> !state.kept().has(number))
                .collect(Collectors.toSet());
        return sets.isEmpty() ? Optional.of(List.of()) : qemu.members(sets);
    }

    /**
     * Gives qemu the descriptors.
     *
     * @param sets gets the numbers of all sets that have a member of ours now
     * @return the command by which qemu uses them; empty if qemu does not take them
     */
    Optional<Command> handOver(JoinedFiles taken, QemuDialogue qemu, VmState state, Set<Long> sets) {
        Map<Integer, Long> numbers = new HashMap<>();
        Map<Integer, DescriptorSet> wanted =
                taken.sets().stream().collect(Collectors.toMap(DescriptorSet::set, set -> set));
        Map<HostPath, Long> made = new HashMap<>();
        Map<String, String> names = new HashMap<>();
        Optional<List<QemuDialogue.Member>> before = replaced(qemu, state);
        if (before.isEmpty()) {
            return Optional.empty();
        }
        for (HandedDescriptor handed : taken.descriptors()) {
            if (spare.contains(handed.set())) {
                continue;
            }
            DescriptorSet set = Optional.ofNullable(wanted.get(handed.set())).orElseThrow();
            HostPath path = set.path();
            Optional<Long> known = standing(path)
                    .filter(_ -> isOne(path, taken))
                    .or(() -> Optional.ofNullable(made.get(path))
                            .filter(_ -> meaning.disk().isEmpty()));
            boolean isCopy = set.copied();
            Optional<QemuDialogue.Member> added =
                    qemu.add(handed.descriptor(), known.filter(_ -> !isCopy), "labeler " + path.printable());
            if (added.isEmpty()) {
                return Optional.empty();
            }
            long number = added.get().set();
            sets.add(number);
            numbers.put(handed.set(), number);
            names.put(text(path), isCopy ? OPEN + added.get().number() : SetName.DIRECTORY + number);
            if (set.access() == Access.READ_WRITE) {
                writers.put(path, added.get());
            }
            if (!isCopy) {
                made.put(path, number);
                state.ownSet(number, path);
            }
        }
        boolean areGone =
                before.get().stream().allMatch(member -> qemu.remove(member).isAnswered());
        if (!areGone) {
            return Optional.empty();
        }
        JsonObject arguments = new DescriptorArguments(command, meaning, nodes)
                .of(names, blockdevs.map(written -> written.arguments(numbers).getLast()));
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
        Command rewritten = new Command(command.name(), arguments, command.isOutOfBand(), command.id());
        return targets.added(rewritten, numbers, qemu, state);
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
                .put("filename", SetName.DIRECTORY + set);
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

    /** Whether the VM has one file by this name, as a set has: another one may have taken its name since. */
    private static boolean isOne(HostPath path, JoinedFiles taken) {
        return taken.vm().files().stream()
                        .filter(hold -> hold.path().equals(path))
                        .flatMap(hold -> hold.file().stream().boxed())
                        .distinct()
                        .count()
                < 2;
    }

    private static String text(HostPath path) {
        return new String(path.bytes(), StandardCharsets.UTF_8);
    }
}
