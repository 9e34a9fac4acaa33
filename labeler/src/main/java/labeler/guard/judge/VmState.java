package labeler.guard.judge;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.guard.descriptor.KeptSets;
import labeler.guard.descriptor.ShownNames;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Job;
import labeler.guard.graph.Node;
import labeler.guard.relay.Command;
import labeler.guard.sense.NodeFiles;
import labeler.guard.sense.PendingEffects;
import labeler.guard.table.Mention;
import labeler.journal.GuardSet;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.vm.SetName;

/** A judge's memory of its VM. For the judge's own thread. */
final class VmState {
    private static final String FILE = "file:";
    private static final String OWN_NODE = "labeler-set-";

    private final Map<Long, HostPath> sets = new HashMap<>();
    private final Set<Long> own = new HashSet<>();

    /** Those of clients that are no more in qemu. Nodes may stand on one: they have its file open. */
    private final Set<Long> gone = new HashSet<>();

    /** Those on which nodes stand. */
    private final Set<Long> used = new HashSet<>();

    private final PendingEffects pending = new PendingEffects();
    private final ClientDescriptors descriptors = new ClientDescriptors();
    private final KeptSets kept = new KeptSets();
    private final Map<String, JsonObject> options = new HashMap<>();
    private final Map<Long, JsonObject> renewed = new HashMap<>();
    private final WrittenHeaders headers = new WrittenHeaders();
    private final Set<String> copies = new HashSet<>();
    private BlockGraph graph = new BlockGraph(Map.of(), List.of(), List.of(), Map.of());
    private Set<HostPath> drift = Set.of();
    private final Map<String, String> standing = new HashMap<>();
    private Optional<String> doubt = Optional.empty();
    private final SetRecord record;

    /** Nodes whose files are not known, and whether they have been told of. */
    private final Map<String, Boolean> unknown = new HashMap<>();

    private final boolean isObserved;
    private volatile ShownNames shown = ShownNames.NONE;
    private final AtomicLong count;

    /**
     * Numbers go on after those on record, so that a command of an earlier service keeps its own.
     *
     * @param isObserved whether another program labels the files of this VM: nothing is taken or settled then
     * @param given sets that qemu has
     * @param record of sets that qemu gets from now on
     */
    VmState(long count, boolean isObserved, Map<Long, GuardSet> given, SetRecord record) {
        this.count = new AtomicLong(count);
        this.isObserved = isObserved;
        this.record = record;
        given.forEach((number, set) -> {
            sets.put(number, set.file());
            if (set.isOwn()) {
                own.add(number);
            }
        });
        show();
    }

    boolean isObserved() {
        return isObserved;
    }

    long next() {
        return count.incrementAndGet();
    }

    NodeFiles nodes() {
        return nodes(graph);
    }

    /** The files of another graph. */
    NodeFiles nodes(BlockGraph other) {
        return new NodeFiles(other, sets);
    }

    void look(BlockGraph now) {
        graph = now;
    }

    /** A set that a client has made. */
    void set(long number, HostPath file) {
        boolean isNew = !file.equals(sets.put(number, file));
        gone.remove(number);
        used.remove(number);
        // qemu gives the number of a set anew that is no more.
        boolean wasOwn = own.remove(number);
        if (wasOwn) {
            show();
        }
        if (isNew || wasOwn) {
            record.has(number, new GuardSet(file, false));
        }
    }

    /** A set of a client's is no more in qemu, which may give its number to another one. */
    void gone(long number) {
        gone.add(number);
    }

    /** Forgets those on which no node stands either: a client can choose a million numbers, one after another. */
    void forgetGone() {
        Set<Long> forgotten = gone.stream()
                .filter(number -> graph.nodes().values().stream()
                        // The name stands within options where a node has any.
                        .noneMatch(node -> node.isFile() && new SetName(number).isIn(node.file())))
                .collect(Collectors.toSet());
        if (!forgotten.isEmpty() && record.forgets(forgotten)) {
            sets.keySet().removeAll(forgotten);
            gone.removeAll(forgotten);
        }
    }

    /** A set that the guard has made. */
    void ownSet(long number, HostPath file) {
        boolean isNew = !file.equals(sets.put(number, file));
        gone.remove(number);
        if (own.add(number) || isNew) {
            record.has(number, new GuardSet(file, true));
            show();
        }
    }

    private void show() {
        Map<Long, String> names = new HashMap<>();
        sets.forEach((number, file) ->
                file.utf8().filter(_ -> own.contains(number)).ifPresent(name -> names.put(number, name)));
        shown = new ShownNames(names);
    }

    /** The names of the guard's sets for clients. For all threads. */
    ShownNames shown() {
        return shown;
    }

    /** Whether this is the name of a set with this file. */
    boolean isSetOf(String name, HostPath file) {
        return SetName.of(name)
                .flatMap(set -> Optional.ofNullable(sets.get(set.number())))
                .filter(file::equals)
                .isPresent();
    }

    /** A client has added a node, with these options as qemu has them. */
    void added(JsonObject node) {
        node.text("node-name").ifPresent(name -> options.put(name, node));
    }

    /** With the end of this set, the node is to be opened anew. */
    void renew(long set, Node node) {
        JsonObject plain = Json.object()
                .put("driver", node.driver())
                .put("node-name", node.name())
                .put("filename", node.file())
                .put("auto-read-only", true)
                .build();
        renewed.put(set, options.getOrDefault(node.name(), plain));
    }

    /** The options of the node that is to be opened anew with the end of this set. */
    Optional<JsonObject> renewed(long set) {
        return Optional.ofNullable(renewed.get(set));
    }

    /** It is open anew, or needs not to be. */
    void opened(long set) {
        renewed.remove(set);
    }

    /** The node of the guard's own that may stand on a set. */
    static String nodeOf(long set) {
        return OWN_NODE + set;
    }

    /** The set on which such a node stands. */
    static Optional<Long> setOf(String node) {
        String number = node.substring(OWN_NODE.length());
        return number.matches(SetName.NUMBER) ? Optional.of(Long.parseLong(number)) : Optional.empty();
    }

    /** Whether a node is such a one. */
    static boolean isOfSet(String node) {
        return node.startsWith(OWN_NODE);
    }

    boolean hasOwnSets() {
        return !own.isEmpty();
    }

    boolean isOwnSet(long number) {
        return own.contains(number);
    }

    /** Whether this is a set of a client's, with a file. */
    boolean isClientSet(long number) {
        return sets.containsKey(number) && !own.contains(number) && !gone.contains(number);
    }

    /** The same command, with the files of clients' sets in their place, so that they are judged. */
    Command withFiles(Command command) {
        JsonObject named = (JsonObject) command.arguments().mapped(this::file);
        return new Command(command.name(), named, command.isOutOfBand(), command.id());
    }

    Mention withFile(Mention mention) {
        return new Mention(mention.argument(), mention.role(), file(mention.text()));
    }

    private String file(String text) {
        if (text.startsWith(FILE + SetName.DIRECTORY)) {
            String whole = text.substring(FILE.length());
            String name = whole.split(",offset=", 2)[0];
            return FILE + file(name) + whole.substring(name.length());
        }
        return SetName.of(text)
                .filter(set -> set.isOfClient() && isClientSet(set.number()))
                .flatMap(set -> Optional.ofNullable(sets.get(set.number())))
                .map(path -> new String(path.bytes(), StandardCharsets.UTF_8))
                .orElse(text);
    }

    /** The effects that qemu has told, and that are not on record yet. */
    PendingEffects pending() {
        return pending;
    }

    /** The sets whose members qemu may open again after an answer. */
    KeptSets kept() {
        return kept;
    }

    /** The writes into headers. */
    WrittenHeaders headers() {
        return headers;
    }

    /** Takes note of the headers that jobs have written which are over, or are about to be. */
    void headersOfJobs() {
        headers.jobsOver(this::isOver, graph.jobs().keySet());
    }

    private boolean isOver(String id) {
        Job job = graph.jobs().get(id);
        return job == null || job.status().equals(Job.CONCLUDED);
    }

    /** A node that the guard adds for a job goes with its last user, as one of qemu's own does. */
    void copy(String node) {
        copies.add(node);
    }

    /** Those that nothing uses. */
    List<String> unusedCopies() {
        // A client may add a node of that name later.
        copies.retainAll(graph.nodes().keySet());
        return copies.stream().filter(name -> graph.above(name).isEmpty()).toList();
    }

    /**
     * Sets that nobody can open any more, since the last node on them has gone: their members would keep the file open. Each
     * is told once.
     */
    private List<Long> left() {
        Set<Long> now = graph.nodes().values().stream()
                .flatMap(node -> NodeFiles.set(node).stream())
                .filter(own::contains)
                .collect(Collectors.toSet());
        List<Long> left = used.stream()
                .filter(number -> !now.contains(number) && !kept.has(number))
                .toList();
        left.forEach(used::remove);
        used.addAll(now);
        return left;
    }

    /** The sets of jobs and of a migration that are over, and those that the last node has left. */
    List<Long> unused() {
        List<Long> over = kept.takeUnneeded(this::isOver);
        options.keySet().retainAll(graph.nodes().keySet());
        return Stream.concat(over.stream(), left().stream()).distinct().toList();
    }

    /** Nodes have been added, with these options: each file node stands on its file until its end. */
    void standing(JsonObject options) {
        options.members().values().forEach(value -> {
            if (value instanceof JsonObject below) {
                standing(below);
            }
        });
        Optional<String> file =
                options.text("filename").filter(_ -> options.text("driver").equals(Optional.of("file")));
        file.ifPresent(name -> options.text("node-name").ifPresent(node -> standing.put(node, name)));
    }

    /** A file node that tells of another file than before, as none of qemu's can; what no look has told yet is noted. */
    Optional<String> moved(BlockGraph told) {
        standing.keySet().retainAll(told.nodes().keySet());
        for (Node node : told.nodes().values()) {
            String before = node.isFile() ? standing.putIfAbsent(node.name(), node.file()) : null;
            if (before != null && !before.equals(node.file())) {
                return Optional.of(
                        "node " + node.name() + " stands on " + before + ", and qemu tells of " + node.file());
            }
        }
        return Optional.empty();
    }

    /** Why nothing is taken because of what qemu tells; empty if it is believed. */
    Optional<String> doubt() {
        return doubt;
    }

    void doubt(Optional<String> why) {
        doubt = why;
    }

    /**
     * Messages about nodes whose files are not known. Each is told once, at the second look that finds it so: the
     * service's own sets are told a moment after qemu has them.
     */
    List<String> untold() {
        List<Node> now = nodes().unknown();
        unknown.keySet().retainAll(now.stream().map(Node::name).toList());
        List<String> untold = now.stream()
                .filter(node -> Boolean.FALSE.equals(unknown.get(node.name())))
                .map(node -> "node " + node.name() + " stands on " + node.file()
                        + ", which is no file that is on record; until it is gone, no file of the VM's is given back")
                .toList();
        now.forEach(node -> unknown.merge(node.name(), false, (_, _) -> true));
        return untold;
    }

    /** Whether the next look tells of such nodes. */
    boolean isTellingNext() {
        return unknown.containsValue(false);
    }

    Set<HostPath> drift() {
        return drift;
    }

    void drift(Set<HostPath> files) {
        drift = Set.copyOf(files);
    }

    ClientDescriptors descriptors() {
        return descriptors;
    }
}
