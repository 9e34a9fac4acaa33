package labeler.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** The drives of a VM, as its monitor tells of them. */
public record Drives(List<Drive> all, List<NamedNode> nodes) {
    /** Names that qemu has chosen. Such a node goes by itself. */
    private static final String OF_QEMU = "#";

    /** Drivers of nodes that have a file open themselves. */
    private static final Set<String> FILES = Set.of("file", "host_device", "host_cdrom");

    public Drives {
        all = List.copyOf(all);
        nodes = List.copyOf(nodes);
    }

    /** A node in the answer of {@code query-named-block-nodes}. */
    record NamedNode(String name, String driver, String file) {}

    /**
     * Reads answers; what is not understood is left out.
     *
     * @param block to {@code query-block}
     * @param named to {@code query-named-block-nodes} with {@code flat}
     */
    public static Drives read(Json block, Json named) {
        List<NamedNode> nodes = named.objects().stream()
                .map(node -> new NamedNode(
                        node.text("node-name").orElse(""),
                        node.text("drv").orElse(""),
                        node.text("file").orElse("")))
                .toList();
        return new Drives(
                block.objects().stream().map(drive -> drive(drive, nodes)).toList(), nodes);
    }

    private static Drive drive(JsonObject drive, List<NamedNode> nodes) {
        Optional<String> node = Optional.empty();
        List<Layer> chain = new ArrayList<>();
        if (drive.get("inserted").orElse(Json.nothing()) instanceof JsonObject inserted) {
            node = inserted.text("node-name");
            Json image = inserted.get("image").orElse(Json.nothing());
            while (image instanceof JsonObject layer) {
                String file = layer.text("filename").orElse("");
                String format = layer.text("format").orElse("");
                chain.add(new Layer(file, format, chain.isEmpty() ? node : only(nodes, file, format)));
                image = layer.get("backing-image").orElse(Json.nothing());
            }
        }
        return new Drive(drive.text("qdev"), drive.text("device").filter(id -> !id.isEmpty()), node, chain);
    }

    private static Optional<String> only(List<NamedNode> nodes, String file, String format) {
        List<String> names = nodes.stream()
                .filter(node -> node.file().equals(file) && node.driver().equals(format))
                .map(NamedNode::name)
                .toList();
        return names.size() == 1 ? Optional.of(names.getFirst()) : Optional.empty();
    }

    /** The drive that people mean by the id of its device or drive, its place in qemu's tree, or its uppermost node. */
    public Optional<Drive> find(String name) {
        return all.stream().filter(drive -> drive.isNamed(name)).findFirst();
    }

    /** The same drive now. */
    Optional<Drive> again(Drive before) {
        return all.stream().filter(drive -> drive.isSame(before)).findFirst();
    }

    /** The names of all drives, for a message. */
    String shown() {
        return all.isEmpty() ? "none" : all.stream().map(Drive::shown).collect(Collectors.joining(", "));
    }

    boolean hasNode(String name) {
        return nodes.stream().anyMatch(node -> node.name().equals(name));
    }

    /**
     * The nodes with a name of their own on which a drive was before, and is no more: of each image first its own, then
     * that of its file. If several nodes are on one file, nobody knows here which was the drive's.
     */
    List<String> left(Drive before, Drive after) {
        return before.chain().stream()
                .filter(layer -> !after.hasFile(layer))
                .flatMap(layer -> layer.node().stream().flatMap(node -> Stream.concat(Stream.of(node), file(layer))))
                .filter(node -> !node.startsWith(OF_QEMU))
                .toList();
    }

    private Stream<String> file(Layer layer) {
        List<String> names = nodes.stream()
                .filter(node -> node.file().equals(layer.file()) && FILES.contains(node.driver()))
                .map(NamedNode::name)
                .toList();
        return names.size() == 1 ? names.stream() : Stream.empty();
    }
}
