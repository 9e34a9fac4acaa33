package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import labeler.chain.ImageRequest;
import labeler.json.Json.JsonObject;
import labeler.vm.DeclaredUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/**
 * The disks of one command line: {@code -blockdev}, {@code -drive} and its short forms. They are put into the definition
 * at the end, when it is known what every node is for.
 */
public final class Drives {
    /** Where qemu puts the overlay of {@code snapshot=on} ({@code $TMPDIR} aside). */
    private static final String TEMPORARY = "/var/tmp";

    private final DefinitionBuilder out;
    private final List<Disk> disks = new ArrayList<>();
    private final List<Drive> drives = new ArrayList<>();
    private final Map<String, FileRole> roles = new HashMap<>();
    private final Set<String> shareable = new HashSet<>();
    private boolean snapshot;

    public Drives(DefinitionBuilder out) {
        this.out = out;
    }

    public void blockdev(OptionPlace place, String text) {
        Optional<Argument> argument = Argument.either(text, "driver");
        Optional<JsonObject> options = argument.flatMap(Argument::tree);
        if (options.isEmpty()) {
            out.malformed(place.origin(), "neither JSON nor key=value settings that fit together");
            return;
        }
        Node root = Node.root(place, options.get(), false, false);
        if (root.name().isEmpty()) {
            out.malformed(place.origin(), "a block node needs a node-name");
        }
        disks.add(new Disk.Blockdev(place, root, argument.orElseThrow()));
    }

    public void drive(OptionPlace place, Settings settings) {
        drives.add(Drive.of(place, settings));
    }

    /** {@code -snapshot}: every drive that does not say otherwise writes to a temporary overlay. */
    public void snapshotAll() {
        snapshot = true;
    }

    /** What a node or a drive is for, as the option says that uses it. */
    public void usedAs(String name, FileRole role) {
        roles.put(name, role);
    }

    /** The device lets other writers in ({@code share-rw=on}). */
    public void shared(String name) {
        shareable.add(name);
    }

    private boolean isAttached(String name) {
        return roles.containsKey(name) || shareable.contains(name);
    }

    /** The tree of all nodes; the files that they come down to are in the definition then. */
    public NodeTree finish() {
        for (Drive drive : drives) {
            boolean readOnly = drive.isReadOnly() || drive.isTemporary(snapshot);
            drive.tree(out)
                    .map(options -> Node.root(drive.place(), options, readOnly, drive.isDirect()))
                    .ifPresent(root -> disks.add(new Disk.OfDrive(drive, root)));
        }
        NodeTree nodes = new NodeTree(disks, this::isAttached, out);
        BlockResolver resolver = new BlockResolver(out, nodes);
        for (Disk disk : nodes.disks()) {
            if (disk instanceof Disk.OfDrive drive) {
                declare(drive, resolver);
            }
        }
        SequencedMap<Disk, NodeTarget> found = new LinkedHashMap<>();
        // What builds on a node comes after it, and is told of first.
        nodes.disks().reversed().stream()
                .filter(disk -> disk instanceof Disk.Blockdev && nodes.isUsed(disk))
                .forEach(disk -> found.put(disk, resolver.root(disk)));
        found.reversed().forEach((disk, target) -> {
            String name = disk.root().name().orElse("");
            FileRole role = roles.getOrDefault(name, FileRole.DISK);
            resolver.emit(disk.place().origin(), role, target, shareable.contains(name));
        });
        return nodes;
    }

    private void declare(Disk.OfDrive disk, BlockResolver resolver) {
        Drive drive = disk.drive();
        boolean temporary = drive.isTemporary(snapshot);
        NodeTarget target = resolver.root(disk);
        if (temporary && !(target instanceof NodeTarget.Nothing)) {
            out.made(
                    drive.origin(),
                    FileRole.DISK,
                    ByteText.bytes(TEMPORARY),
                    DeclaredUse.Making.NAMELESS,
                    "with snapshot=on qemu writes to a nameless file that it makes there");
        }
        String id = drive.settings().text("id");
        resolver.emit(
                drive.origin(),
                roleOf(drive, id, drive.isReadOnly()),
                reading(target, temporary),
                shareable.contains(id));
    }

    private static NodeTarget reading(NodeTarget target, boolean temporary) {
        return temporary && target instanceof NodeTarget.Image(ImageRequest request, boolean whole)
                ? new NodeTarget.Image(request.readOnly(), whole)
                : target;
    }

    private FileRole roleOf(Drive drive, String id, boolean readOnly) {
        if (roles.containsKey(id)) {
            return roles.getOrDefault(id, FileRole.DISK);
        }
        if (drive.settings().text("media").equals("cdrom")) {
            return FileRole.CDROM;
        }
        return switch (drive.settings().text("if")) {
            case "floppy" -> FileRole.FLOPPY;
            case "pflash" -> readOnly ? FileRole.FIRMWARE : FileRole.NVRAM;
            default -> FileRole.DISK;
        };
    }
}
