package labeler.guard.graph;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Nodes, and who uses which.
 *
 * @param devices the node that each drive or device has, by either name
 */
public record BlockGraph(
        Map<String, Node> nodes, List<Edge> edges, Map<String, String> devices, Map<String, Job> jobs) {
    /** Of nodes whose file is beside, with {@code backing} below them if they have one. */
    private static final String BACKING = "backing";

    private static final String FILE = "file";

    public BlockGraph {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        edges = List.copyOf(edges);
        devices = Map.copyOf(devices);
        jobs = Collections.unmodifiableMap(new LinkedHashMap<>(jobs));
    }

    /** Whether a qemu can have this graph: it is no circle, and no more than can be looked through. */
    public boolean isPossible() {
        return PossibleGraph.isPossible(this);
    }

    /** A node by its name, or that of a device by the device's. */
    public Optional<Node> find(String nodeOrDevice) {
        return Optional.ofNullable(nodes.get(nodeOrDevice))
                .or(() -> Optional.ofNullable(devices.get(nodeOrDevice)).map(nodes::get));
    }

    public List<Edge> below(String node) {
        return edges.stream().filter(edge -> edge.parent().equals(node)).toList();
    }

    public List<Edge> above(String node) {
        return edges.stream().filter(edge -> edge.child().equals(node)).toList();
    }

    private Optional<Node> child(String node, String role) {
        return below(node).stream()
                .filter(edge -> edge.role().equals(role))
                .findFirst()
                .map(Edge::child)
                .map(nodes::get);
    }

    /** Passes on what another node has, as {@code throttle}, {@code copy-on-read} and what jobs put there. */
    public static boolean isFilter(Node node) {
        return isFilter(node.driver());
    }

    /** Whether nodes with this driver are such. */
    public static boolean isFilter(String driver) {
        return switch (driver) {
            case "throttle",
                    "copy-on-read",
                    "copy-before-write",
                    "snapshot-access",
                    "preallocate",
                    "compress",
                    "mirror_top",
                    "commit_top",
                    "blkdebug",
                    "blklogwrites",
                    "blkreplay" -> true;
            default -> false;
        };
    }

    /** The images from a node down to the last backing file, filters left out. */
    public List<Node> chain(String nodeOrDevice) {
        Set<Node> chain = new LinkedHashSet<>();
        Optional<Node> at = find(nodeOrDevice);
        Set<String> met = new LinkedHashSet<>();
        while (at.isPresent() && met.add(at.get().name())) {
            Node node = at.get();
            boolean isFilter = isFilter(node);
            if (!isFilter) {
                chain.add(node);
            }
            at = child(node.name(), BACKING).or(() -> isFilter ? child(node.name(), FILE) : Optional.empty());
        }
        return List.copyOf(chain);
    }

    /** The images that have a node as their backing file, filters between them left out. */
    public List<Node> overlays(String node) {
        List<Node> overlays = new ArrayList<>();
        for (Edge edge : above(node)) {
            Optional.ofNullable(nodes.get(edge.parent())).ifPresent(parent -> {
                if (isFilter(parent)) {
                    overlays.addAll(overlays(parent.name()));
                } else if (edge.role().equals(BACKING)) {
                    overlays.add(parent);
                }
            });
        }
        return overlays;
    }

    /** The files of an image: its own and those beside it, not those of its backing files. */
    public List<Node> files(String image) {
        List<Node> files = new ArrayList<>();
        Optional.ofNullable(nodes.get(image)).filter(Node::isFile).ifPresent(files::add);
        for (Edge edge : below(image)) {
            if (!edge.role().equals(BACKING)) {
                files.addAll(files(edge.child()));
            }
        }
        return files;
    }

    /** Whether anything may write to a file node now. */
    public boolean isWritten(Node file) {
        return above(file.name()).stream().anyMatch(Edge::writes);
    }
}
