package labeler.vm.qemu.handover;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Role;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.qemu.block.Disk;
import labeler.vm.qemu.block.Node;
import labeler.vm.qemu.block.NodePlace;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.block.OptionPlace;
import labeler.vm.qemu.handover.DescriptorSet.Sets;
import labeler.vm.qemu.handover.HandoverObstacle.Obstacle;
import labeler.vm.qemu.option.QemuCommandLine;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Edit;

/**
 * Replaces names of passed files in block nodes by descriptors. It also writes out nodes that qemu would take from
 * headers but could no longer find.
 */
final class DescriptorNodes {
    private final QemuCommandLine line;
    private final NodeTree nodes;
    private final List<ImageChain> chains;
    private final Sets sets;
    private final List<HandoverObstacle> notPassable;
    private final Map<OptionPlace, List<Edit>> edits = new LinkedHashMap<>();

    /** @param notPassable to which it adds */
    DescriptorNodes(QemuCommandLine line, List<ImageChain> chains, Sets sets, List<HandoverObstacle> notPassable) {
        this.line = line;
        this.nodes = line.nodes();
        this.chains = chains;
        this.sets = sets;
        this.notPassable = notPassable;
    }

    /** The changes; none for a disk that qemu can use as it is. */
    Map<OptionPlace, List<Edit>> edits() {
        Map<NodePlace, Boolean> writes = new HashMap<>();
        List<NodeTree.Opening> openings = nodes.openings();
        openings.forEach(opening ->
                writes.merge(opening.node().place(), opening.node().writes(opening.quiet()), Boolean::logicalOr));
        Set<NodePlace> done = new HashSet<>();
        for (NodeTree.Opening opening : openings) {
            Node node = opening.node();
            if (done.add(node.place())) {
                if (node.isFile()) {
                    rewriteFile(node, writes.getOrDefault(node.place(), true));
                } else {
                    writeDownHeader(node, opening.user());
                }
            }
        }
        return edits;
    }

    private void rewriteFile(Node node, boolean writes) {
        Optional<HostPath> path = path(node).filter(sets::isPassed);
        if (path.isEmpty()) {
            return;
        }
        DescriptorSet set = sets.add(path.get(), Access.of(writes), node.direct());
        if (node.options().text("driver").isEmpty()) {
            edit(node, "driver", Json.of(fileDriver(find(node.origin(), path.get()))));
        }
        edit(node, "filename", Json.of(set.name()));
        if (writes) {
            // Otherwise qemu opens it for reading first, and a set has only one member.
            edit(node, "auto-read-only", Json.of(false));
        }
    }

    private void writeDownHeader(Node node, Origin root) {
        Optional<HostPath> file = nodes.file(node).flatMap(this::path);
        if (file.isEmpty()) {
            return;
        }
        boolean passed = sets.isPassed(file.get());
        Optional<ChainLayer> found = find(root, file.get());
        if (found.isEmpty()) {
            if (passed) {
                notPassable.add(new HandoverObstacle(root, file.get(), Obstacle.HEADER_NOT_READ));
            }
            return;
        }
        ChainLayer layer = found.get();
        if (passed && node.options().text("driver").isEmpty()) {
            edit(node, "driver", Json.of(layer.format().driver()));
        }
        refuseExtents(layer, root);
        if (node.options().get("backing").isEmpty()) {
            backing(layer).ifPresent(backing -> edit(node, "backing", image(backing, node, root)));
        }
        if (node.options().get("data-file").isEmpty()) {
            dataFile(layer).ifPresent(data -> edit(node, "data-file", file(data, node, !node.readOnly(), root)));
        }
    }

    private boolean isPassed(ChainLayer layer) {
        return sets.isPassed(layer.path());
    }

    /** The backing file, if qemu could not find it, or one below it, by the headers. */
    private Optional<ChainLayer> backing(ChainLayer layer) {
        return layer.below(Role.BACKING).stream()
                .findFirst()
                .filter(backing -> isPassed(layer) || backing.all().anyMatch(this::isPassed));
    }

    private Optional<ChainLayer> dataFile(ChainLayer layer) {
        return layer.below(Role.DATA_FILE).stream().findFirst().filter(this::isPassed);
    }

    /** The extents' names are in the image, and qemu has no option to replace them. */
    private void refuseExtents(ChainLayer layer, Origin root) {
        List<ChainLayer> extents = layer.below(Role.EXTENT);
        boolean passed = !extents.isEmpty() && isPassed(layer);
        if (passed || extents.stream().anyMatch(this::isPassed)) {
            notPassable.add(new HandoverObstacle(root, layer.path(), Obstacle.EXTENTS));
        }
    }

    /**
     * A backing file as a node, which inherits from the one above as if a header had named it. Recursion is bounded by
     * the limit on a chain's depth.
     */
    private JsonObject image(ChainLayer layer, Node above, Origin root) {
        refuseExtents(layer, root);
        Json.ObjectBuilder node =
                Json.object().put("driver", layer.format().driver()).put("file", file(layer, above, false, root));
        dataFile(layer).ifPresent(data -> node.put("data-file", file(data, above, false, root)));
        backing(layer).ifPresent(backing -> node.put("backing", image(backing, above, root)));
        return node.build();
    }

    /** A file of this host as a node: by a descriptor if it is passed, otherwise by its own name. */
    private JsonObject file(ChainLayer layer, Node above, boolean writes, Origin root) {
        Json.ObjectBuilder node = Json.object().put("driver", fileDriver(Optional.of(layer)));
        if (!isPassed(layer)) {
            if (isJson(above) && layer.path().utf8().isEmpty()) {
                notPassable.add(new HandoverObstacle(root, layer.path(), Obstacle.NOT_UNICODE));
            }
            return node.put("filename", ByteText.of(layer.path().bytes())).build();
        }
        DescriptorSet set = sets.add(layer.path(), Access.of(writes), above.direct());
        node.put("filename", set.name());
        return writes ? node.put("auto-read-only", false).build() : node.build();
    }

    private boolean isJson(Node node) {
        return nodes.disk(node.place().option()).filter(Disk::isJson).isPresent();
    }

    private static String fileDriver(Optional<ChainLayer> layer) {
        return layer.filter(ChainLayer::blockDevice).isPresent() ? "host_device" : "file";
    }

    private Optional<HostPath> path(Node file) {
        return file.options()
                .text("filename")
                .flatMap(name -> HostPath.parse(ByteText.bytes(name)))
                .map(path -> path.from(line.workingDirectory()));
    }

    /** The file in the chain of this use of an image, or in another one's. */
    private Optional<ChainLayer> find(Origin origin, HostPath path) {
        return chains.stream()
                .sorted(Comparator.comparing(chain -> !chain.origin().equals(origin)))
                .flatMap(ImageChain::layers)
                .filter(layer -> layer.path().equals(path))
                .findFirst();
    }

    private void edit(Node node, String key, Json value) {
        edits.computeIfAbsent(node.place().option(), _ -> new ArrayList<>())
                .add(new Edit(node.place().path(key), value));
    }
}
