package labeler.vm.qemu.handover;

import java.util.ArrayList;
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
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.qemu.block.Disk;
import labeler.vm.qemu.block.Node;
import labeler.vm.qemu.block.NodePlace;
import labeler.vm.qemu.block.NodeTree;
import labeler.vm.qemu.block.OptionPlace;
import labeler.vm.qemu.handover.NotPassable.Obstacle;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Edit;

/**
 * Puts descriptors in place of the names of passed files in block nodes, and writes down the nodes that qemu would take
 * from headers where it could not find them any more.
 */
final class DescriptorNodes {
    private final HostPath workingDirectory;
    private final NodeTree nodes;
    private final List<PassedChain> chains;
    private final DescriptorSets sets;
    private final List<NotPassable> notPassable = new ArrayList<>();
    private final Map<OptionPlace, List<Edit>> edits = new LinkedHashMap<>();

    DescriptorNodes(HostPath workingDirectory, NodeTree nodes, List<ImageChain> chains, DescriptorSets sets) {
        this.workingDirectory = workingDirectory;
        this.nodes = nodes;
        this.chains = chains.stream()
                .map(chain -> new PassedChain(chain, sets::isPassed))
                .toList();
        this.sets = sets;
    }

    /** What to change; nothing for a disk that qemu can go on using as it is. */
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

    List<NotPassable> notPassable() {
        return List.copyOf(notPassable);
    }

    private void rewriteFile(Node node, boolean writes) {
        Optional<HostPath> path = path(node).filter(sets::isPassed);
        if (path.isEmpty()) {
            return;
        }
        DescriptorSet set = sets.add(path.get(), writes ? Access.READ_WRITE : Access.READ_ONLY, node.direct());
        if (node.options().text("driver").isEmpty()) {
            edit(node, "driver", Json.of(fileDriver(find(node.origin(), path.get()))));
        }
        edit(node, "filename", Json.of(set.name()));
        if (writes) {
            // Otherwise qemu opens it for reading first, and a set has one member.
            edit(node, "auto-read-only", Json.of(false));
        } else if (!node.readOnly()) {
            edit(node, "read-only", Json.of(true));
        }
    }

    private void writeDownHeader(Node node, Origin root) {
        Optional<HostPath> file = nodes.file(node).flatMap(this::path);
        if (file.isEmpty()) {
            return;
        }
        boolean passed = sets.isPassed(file.get());
        Optional<PassedChain.Place> found = find(root, file.get());
        if (found.isEmpty()) {
            if (passed) {
                notPassable.add(new NotPassable(root, file.get(), Obstacle.HEADER_NOT_READ));
            }
            return;
        }
        PassedChain.Place place = found.get();
        if (passed && node.options().text("driver").isEmpty()) {
            edit(node, "driver", Json.of(place.layer().format().driver()));
        }
        refuseExtents(place, root);
        if (node.options().get("backing").isEmpty()) {
            place.child(Role.BACKING)
                    .filter(backing -> passed || backing.leadsToPassed())
                    .ifPresent(backing -> edit(node, "backing", image(backing, node, root)));
        }
        if (node.options().get("data-file").isEmpty()) {
            place.child(Role.DATA_FILE)
                    .filter(PassedChain.Place::isPassed)
                    .ifPresent(data -> edit(node, "data-file", file(data, node, !node.readOnly(), root)));
        }
    }

    /** The extents' names are in the image, and qemu has no option that would replace them. */
    private void refuseExtents(PassedChain.Place place, Origin root) {
        List<PassedChain.Place> extents = place.children(Role.EXTENT);
        boolean passed = !extents.isEmpty() && place.isPassed();
        if (passed || extents.stream().anyMatch(PassedChain.Place::isPassed)) {
            notPassable.add(new NotPassable(root, place.layer().path(), Obstacle.EXTENTS));
        }
    }

    /**
     * A backing file as a node, which inherits from the one above as if a header had named it. Recursion is bounded by
     * the limit on a chain's depth.
     */
    private JsonObject image(PassedChain.Place place, Node above, Origin root) {
        refuseExtents(place, root);
        Map<String, Json> members = new LinkedHashMap<>();
        members.put("driver", Json.of(place.layer().format().driver()));
        members.put("file", file(place, above, false, root));
        boolean passed = place.isPassed();
        place.child(Role.DATA_FILE)
                .filter(PassedChain.Place::isPassed)
                .ifPresent(data -> members.put("data-file", file(data, above, false, root)));
        place.child(Role.BACKING)
                .filter(backing -> passed || backing.leadsToPassed())
                .ifPresent(backing -> members.put("backing", image(backing, above, root)));
        return new JsonObject(members);
    }

    /** A file of this host as a node: by a descriptor where it is passed, by its own name elsewhere. */
    private JsonObject file(PassedChain.Place place, Node above, boolean writes, Origin root) {
        HostPath path = place.layer().path();
        Json.ObjectBuilder node = Json.object().put("driver", fileDriver(Optional.of(place)));
        if (!sets.isPassed(path)) {
            if (isJson(above) && path.utf8().isEmpty()) {
                notPassable.add(new NotPassable(root, path, Obstacle.NOT_UNICODE));
            }
            return node.put("filename", ByteText.of(path.bytes())).build();
        }
        DescriptorSet set = sets.add(path, writes ? Access.READ_WRITE : Access.READ_ONLY, above.direct());
        node.put("filename", set.name());
        return writes ? node.put("auto-read-only", false).build() : node.build();
    }

    private boolean isJson(Node node) {
        return nodes.disk(node.place().option()).filter(Disk::isJson).isPresent();
    }

    private static String fileDriver(Optional<PassedChain.Place> place) {
        return place.isPresent() && place.get().layer().blockDevice() ? "host_device" : "file";
    }

    private Optional<HostPath> path(Node file) {
        return file.options()
                .text("filename")
                .flatMap(name -> HostPath.parse(ByteText.bytes(name)))
                .map(path -> path.from(workingDirectory));
    }

    /** The file in the chain of this use of an image, or in another one's. */
    private Optional<PassedChain.Place> find(Origin origin, HostPath path) {
        return chains.stream()
                .filter(chain -> chain.chain().origin().equals(origin))
                .flatMap(chain -> chain.find(path).stream())
                .findFirst()
                .or(() -> chains.stream()
                        .flatMap(chain -> chain.find(path).stream())
                        .findFirst());
    }

    private void edit(Node node, String key, Json value) {
        edits.computeIfAbsent(node.place().option(), _ -> new ArrayList<>())
                .add(new Edit(node.place().path(key), value));
    }
}
