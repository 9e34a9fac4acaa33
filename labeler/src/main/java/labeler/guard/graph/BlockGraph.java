package labeler.guard.graph;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** Nodes, and who uses which. */
public record BlockGraph(Map<String, Node> nodes, List<Edge> edges, List<BlockDevice> devices, Map<String, Job> jobs) {
    /** The role of the backing node, if there is one, below a node whose file is beside. */
    private static final String BACKING = "backing";

    private static final String FILE = "file";

    /** Have no content of their own, and are no filters: a part of another node's, or that of several others. */
    private static final Set<String> PASSING = Set.of("raw", "quorum");

    /** Where the devices are that have ids. */
    private static final String WITH_IDS = "/machine/peripheral/";

    /** The part of a virtio device that has the node. The device's own properties stand for those of this. */
    private static final String VIRTIO = "/virtio-backend";

    public BlockGraph {
        nodes = Collections.unmodifiableMap(new LinkedHashMap<>(nodes));
        edges = List.copyOf(edges);
        devices = List.copyOf(devices);
        jobs = Collections.unmodifiableMap(new LinkedHashMap<>(jobs));
    }

    /** Whether a qemu can have this graph: it is no circle, and no more than can be looked through. */
    public boolean isPossible() {
        return PossibleGraph.isPossible(this);
    }

    /** A node that qemu must not write now. */
    public Optional<Node> inactive() {
        return nodes.values().stream().filter(node -> !node.isActive()).findFirst();
    }

    /** A node by its own name: {@code node-name}, {@code base-node}, {@code bottom}, {@code image-node-name}. */
    public Optional<Node> node(String name) {
        return Optional.ofNullable(nodes.get(name));
    }

    /**
     * The node of a drive, or else one by its own name: {@code device} of a job, {@code target}, {@code overlay}, {@code
     * drive} of a device, and a node that stands for another in {@code blockdev-add}.
     */
    public Optional<Node> driveOrNode(String name) {
        return drive(name).or(() -> node(name));
    }

    /** The node of a drive: {@code device} where a {@code node-name} or an {@code id} may be given in its place. */
    public Optional<Node> drive(String name) {
        return atDrive(name).map(BlockDevice::node).flatMap(this::node);
    }

    /** The node of a device, by its id or its path: {@code id} of the commands for media, {@code path} of {@code qom-set}. */
    public Optional<Node> device(String idOrPath) {
        return atDevice(idOrPath).map(BlockDevice::node).flatMap(this::node);
    }

    /** A drive by its name, also one without a medium. */
    public Optional<BlockDevice> atDrive(String name) {
        return first(device -> !name.isEmpty() && device.drive().equals(name));
    }

    /** A device by its id or its path, also one without a medium. */
    public Optional<BlockDevice> atDevice(String idOrPath) {
        String place = place(idOrPath);
        return first(device -> !place.isEmpty() && place(device.place()).equals(place))
                .or(() -> first(device -> place(device.place()).equals(place + VIRTIO)));
    }

    private static String place(String idOrPath) {
        return idOrPath.startsWith(WITH_IDS) ? idOrPath.substring(WITH_IDS.length()) : idOrPath;
    }

    private Optional<BlockDevice> first(Predicate<BlockDevice> wanted) {
        return devices.stream().filter(wanted).findFirst();
    }

    /**
     * The drive directly above each node that has one: that of a filter, and not of the image below it, also if qemu has put
     * the filter there for a job and does not tell of it as the drive's node.
     */
    public Map<String, String> drivesOfNodes() {
        Map<String, BlockDevice> named = new LinkedHashMap<>();
        devices.stream()
                .filter(device -> !device.drive().isEmpty())
                .forEach(device -> named.put(Edge.user(Edge.BACKEND, device.drive()), device));
        Map<String, String> drives = new LinkedHashMap<>();
        for (Edge edge : edges) {
            // A device without a drive is told by its id, which may be the name of another one's drive.
            Optional.ofNullable(named.get(edge.parent()))
                    .filter(device -> isSameDisk(device.node(), edge.child()))
                    .ifPresent(device -> drives.put(edge.child(), device.drive()));
        }
        return drives;
    }

    private boolean isSameDisk(String one, String other) {
        return one.equals(other)
                || node(one).map(this::chain).equals(node(other).map(this::chain));
    }

    /** Whether a device of this id has one of these nodes below it; without an id, whether all of these nodes are there. */
    public boolean hasDisk(Optional<String> device, List<String> ofDisk) {
        return device.map(id -> device(id).filter(top -> isOver(top, ofDisk)).isPresent())
                .orElseGet(() -> nodes.keySet().containsAll(ofDisk));
    }

    private boolean isOver(Node top, List<String> wanted) {
        Deque<String> left = new ArrayDeque<>(List.of(top.name()));
        Set<String> met = new HashSet<>();
        while (!left.isEmpty()) {
            String node = left.removeFirst();
            if (met.add(node)) {
                below(node).forEach(edge -> left.add(edge.child()));
            }
        }
        return wanted.stream().anyMatch(met::contains);
    }

    /** Whether a drive or a device has a node. */
    public boolean isOfDevice(Node node) {
        return devices.stream().anyMatch(device -> device.node().equals(node.name()));
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
    public List<Node> chain(Node top) {
        Set<Node> chain = new LinkedHashSet<>();
        Optional<Node> at = Optional.of(top);
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

    /** A node at the upper end of a chain that has this one: itself, or an overlay or a filter over it; empty for none. */
    public Optional<Node> root(Node image) {
        Deque<Node> left = new ArrayDeque<>(List.of(image));
        Set<Node> met = new HashSet<>();
        while (!left.isEmpty()) {
            Node node = left.removeFirst();
            boolean isRoot = true;
            for (Edge edge : above(node.name())) {
                Node parent = nodes.get(edge.parent());
                if (parent != null) {
                    isRoot = false;
                    boolean isOfChain = edge.role().equals(BACKING)
                            || (isFilter(parent) && edge.role().equals(FILE));
                    if (isOfChain && met.add(parent)) {
                        left.add(parent);
                    }
                }
            }
            if (isRoot) {
                return Optional.of(node);
            }
        }
        return Optional.empty();
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

    /**
     * The images or files that are written if a node is: itself, or those to which it passes all on. What is only read is not
     * written, whatever is above it: qemu refuses that.
     */
    public List<Node> written(Node node) {
        Set<Node> written = new LinkedHashSet<>();
        Set<Node> met = new LinkedHashSet<>();
        Deque<Node> left = new ArrayDeque<>(List.of(node));
        while (!left.isEmpty()) {
            Node one = left.removeFirst();
            if (one.isReadOnly() || !met.add(one)) {
                continue;
            }
            if (isFilter(one) || PASSING.contains(one.driver())) {
                below(one.name()).stream()
                        .filter(edge -> !edge.role().equals(BACKING))
                        .forEach(edge -> node(edge.child()).ifPresent(left::add));
            } else {
                written.add(one);
            }
        }
        return List.copyOf(written);
    }

    /** Whether anything may write to a file node now. */
    public boolean isWritten(Node file) {
        return above(file.name()).stream().anyMatch(Edge::writes);
    }
}
