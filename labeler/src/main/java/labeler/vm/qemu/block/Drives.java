package labeler.vm.qemu.block;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.ImageRequest;
import labeler.json.Json.JsonObject;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
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
    private final BlockNodes nodes;
    private final BlockResolver resolver;
    private final List<Drive> drives = new ArrayList<>();
    private final Map<String, FileRole> roles = new HashMap<>();
    private final Set<String> shareable = new HashSet<>();
    private boolean snapshot;

    public Drives(DefinitionBuilder out) {
        this.out = out;
        this.nodes = new BlockNodes(out);
        this.resolver = new BlockResolver(out, nodes);
    }

    public void blockdev(Origin origin, String argument) {
        Optional<JsonObject> options = argument.startsWith("{")
                ? ByteText.json(argument)
                : Settings.parse(argument, "driver").tree();
        if (options.isPresent()) {
            nodes.define(origin, options.get());
        } else {
            out.malformed(origin, "neither JSON nor key=value settings that fit together");
        }
    }

    public void drive(Origin origin, Settings settings) {
        drives.add(new Drive(origin, settings));
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

    /** {@code -drive} and its short forms, in their order. */
    public List<Drive> drives() {
        return Collections.unmodifiableList(drives);
    }

    /** {@code -blockdev}, in their order. */
    public List<BlockNodes.Node> blockdevs() {
        return nodes.tops();
    }

    /** Whether an option other than a block node's is known to use it. */
    public boolean isAttached(String name) {
        return roles.containsKey(name) || shareable.contains(name);
    }

    public void finish() {
        Map<Drive, JsonObject> trees = new LinkedHashMap<>();
        for (Drive drive : drives) {
            drive.tree(out).ifPresent(tree -> {
                nodes.defineInside(drive.origin(), tree, drive.isReadOnly() || drive.isTemporary(snapshot));
                trees.put(drive, tree);
            });
        }
        trees.forEach(this::declare);
        List<Runnable> found = new ArrayList<>();
        // A node is defined before what builds on it: backwards, it is known of each whether something does.
        for (BlockNodes.Node top : nodes.tops().reversed()) {
            String name = top.options().text("node-name").orElse("");
            if (!nodes.isReferenced(top) || isAttached(name)) {
                Target target = resolver.node(top.options(), new BlockResolver.Place(top.origin(), false, false, 0));
                found.add(() -> resolver.emit(
                        top.origin(), roles.getOrDefault(name, FileRole.DISK), target, shareable.contains(name)));
            }
        }
        found.reversed().forEach(Runnable::run);
    }

    private void declare(Drive drive, JsonObject tree) {
        boolean readOnly = drive.isReadOnly();
        boolean temporary = drive.isTemporary(snapshot);
        Target target = resolver.node(
                tree, new BlockResolver.Place(drive.origin(), readOnly || temporary, readOnly || temporary, 0));
        if (temporary && !(target instanceof Target.Nothing)) {
            out.nameless(
                    drive.origin(),
                    FileRole.DISK,
                    ByteText.bytes(TEMPORARY),
                    "with snapshot=on qemu writes to a nameless file that it makes there");
        }
        String id = drive.settings().text("id");
        boolean shared = shareable.contains(id);
        resolver.emit(drive.origin(), roleOf(drive, id, readOnly), reading(target, temporary), shared);
    }

    private static Target reading(Target target, boolean temporary) {
        return switch (target) {
            case Target.Image(ImageRequest request, boolean whole)
            when temporary ->
                new Target.Image(
                        new ImageRequest(
                                request.name(),
                                request.format(),
                                Access.READ_ONLY,
                                request.backing(),
                                request.dataFile()),
                        whole);
            case Target.Image _, Target.Outside _, Target.Nothing _ -> target;
        };
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
