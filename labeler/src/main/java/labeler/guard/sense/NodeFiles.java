package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;
import labeler.linux.HostPath;
import labeler.vm.SetName;

/**
 * The block graph of a VM with the files of its nodes.
 *
 * @param sets the file of each descriptor set that is on record: qemu knows those files by their sets alone
 */
public record NodeFiles(BlockGraph graph, Map<Long, HostPath> sets) {
    private static final String JSON = "json:";
    private static final String BACKING = "backing";
    private static final String SOCKET = "?socket=";
    private static final int MOST_TOKENS = 10_000;

    /** The roles of the node on which an image itself stands. */
    private static final Set<String> OWN = Set.of("file", "image", "raw");

    public NodeFiles {
        sets = Map.copyOf(sets);
    }

    /** The file of a protocol node; empty for another node, and for a set that is not on record. */
    public Optional<HostPath> path(Node node) {
        return node.isFile() ? path(node.file()) : Optional.empty();
    }

    private Optional<HostPath> path(String name) {
        if (name.startsWith(JSON)) {
            byte[] json = name.substring(JSON.length()).getBytes(StandardCharsets.UTF_8);
            return new JsonReader(MOST_TOKENS).read(json) instanceof JsonReader.Value(JsonObject options)
                    ? options.text("filename").flatMap(this::path)
                    : Optional.empty();
        }
        if (SetName.isMeantBy(name)) {
            return SetName.of(name).flatMap(set -> Optional.ofNullable(sets.get(set.number())));
        }
        return HostPath.parse(name.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * The protocol nodes of whose files nothing is known: a set is not on record, or a name is relative to nobody knows
     * what. Each of the VM's files could be theirs.
     */
    public List<Node> unknown() {
        return graph.nodes().values().stream()
                .filter(Node::isFile)
                .filter(node -> path(node).filter(HostPath::isAbsolute).isEmpty())
                .toList();
    }

    /** The number of the descriptor set on which a node stands. */
    public static Optional<Long> set(Node node) {
        return SetName.of(node.file()).map(SetName::number);
    }

    /** The protocol nodes with this file. */
    public List<Node> nodes(HostPath file) {
        return graph.nodes().values().stream()
                .filter(node -> path(node).filter(file::equals).isPresent())
                .toList();
    }

    /** The file of an image: that of its own protocol node, filters in between left out. */
    public Optional<HostPath> image(Node image) {
        if (image.isFile()) {
            return path(image);
        }
        return below(image).flatMap(this::image);
    }

    /** The image that has this file as its own; empty if no node with a format has it. */
    public Optional<Node> imageOf(HostPath file) {
        return images(file).stream().findFirst();
    }

    /** All images that have this file as their own: they interpret what is in it. */
    List<Node> images(HostPath file) {
        return graph.nodes().values().stream()
                .filter(node -> !node.isFile() && !BlockGraph.isFilter(node))
                .filter(node ->
                        below(node).flatMap(this::own).filter(file::equals).isPresent())
                .toList();
    }

    /** The file of a file node, filters over it left out; empty for an image. */
    Optional<HostPath> own(Node node) {
        if (node.isFile()) {
            return path(node);
        }
        return BlockGraph.isFilter(node) ? below(node).flatMap(this::own) : Optional.empty();
    }

    private Optional<Node> below(Node node) {
        return graph.below(node.name()).stream()
                .filter(edge -> OWN.contains(edge.role()))
                .findFirst()
                .map(edge -> graph.nodes().get(edge.child()));
    }

    /** The files that are written if an image is: its own and those beside it, not those below it. */
    public List<HostPath> files(Node image) {
        return graph.files(image.name()).stream()
                .flatMap(node -> path(node).stream())
                .toList();
    }

    /** All files of the graph. */
    public Set<HostPath> files() {
        Set<HostPath> files = new HashSet<>();
        graph.nodes().values().forEach(node -> path(node).ifPresent(files::add));
        return files;
    }

    /**
     * Whether a node that was added with a file beside its images may have that file. A job can leave the node of a server
     * without the one that it was added with: qemu tells of the server's socket at the end of a URL, or in options.
     */
    boolean isBeside(String added, HostPath file) {
        return graph.nodes().containsKey(added)
                || graph.nodes().values().stream()
                        .filter(node -> !node.isFile())
                        .anyMatch(node -> file.utf8()
                                .filter(socket -> isServer(node.file(), socket))
                                .isPresent());
    }

    private static boolean isServer(String told, String socket) {
        return told.endsWith(SOCKET + socket)
                || (told.startsWith(JSON)
                        && new JsonReader(MOST_TOKENS).read(told.substring(JSON.length()))
                                instanceof JsonReader.Value(Json options)
                        && names(options, socket));
    }

    private static boolean names(Json json, String text) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.values().stream().anyMatch(member -> names(member, text));
            case JsonArray(List<Json> elements) -> elements.stream().anyMatch(element -> names(element, text));
            case JsonString(String one) -> one.equals(text);
            case Json.JsonInteger _, Json.JsonDecimal _, Json.JsonBoolean _, Json.JsonNull _ -> false;
        };
    }

    /** The use of a file by the nodes of a VM. */
    public enum Use {
        /** No node has it. */
        NONE,
        READ,
        WRITE,
        /** A node has it alone: qemu does not tell whether it is open for writing. */
        UNTOLD
    }

    /**
     * The use of a file now. A file node tells {@code ro: false} although its descriptor is open for reading alone
     * ({@code auto-read-only}), so the images above it are asked.
     */
    public Use use(HostPath file) {
        Use use = Use.NONE;
        for (Node node : nodes(file)) {
            Use one = use(node);
            if (one == Use.WRITE) {
                return Use.WRITE;
            }
            use = use == Use.UNTOLD ? use : one;
        }
        return use;
    }

    private Use use(Node file) {
        if (file.isReadOnly()) {
            return Use.READ;
        }
        if (graph.isWritten(file)) {
            return Use.WRITE;
        }
        List<Node> images = images(file);
        if (images.isEmpty()) {
            return Use.UNTOLD;
        }
        return images.stream().allMatch(Node::isReadOnly) ? Use.READ : Use.WRITE;
    }

    /** The nodes above a file that would write it: not those that have it as a backing file. */
    private List<Node> images(Node file) {
        List<Node> images = new ArrayList<>();
        Deque<String> left = new ArrayDeque<>(List.of(file.name()));
        Set<String> met = new HashSet<>();
        while (!left.isEmpty()) {
            String name = left.removeFirst();
            if (met.add(name)) {
                for (Edge edge : graph.above(name)) {
                    Node parent = graph.nodes().get(edge.parent());
                    if (parent != null && !edge.role().equals(BACKING)) {
                        if (BlockGraph.isFilter(parent)) {
                            left.add(parent.name());
                        } else {
                            images.add(parent);
                        }
                    }
                }
            }
        }
        return images;
    }
}
