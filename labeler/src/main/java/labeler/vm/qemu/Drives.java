package labeler.vm.qemu;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.chain.name.ReferenceName;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;

/**
 * The disks of one command line: {@code -blockdev}, {@code -drive} and its short forms. They are put into the definition
 * at the end, when it is known what every node is for.
 */
final class Drives {
    private static final Set<String> DRIVE_ONLY = Set.of("file", "format", "id", "snapshot");

    /** Where qemu puts the overlay of {@code snapshot=on} ({@code $TMPDIR} aside). */
    private static final String TEMPORARY = "/var/tmp";

    /** What stands before a file of this host in the name of a remote disk. */
    private static final List<String> LOCAL_PARTS = List.of("unix:", "+unix", "conf=", "socket=", "logfile=");

    private record Drive(Origin origin, Settings settings) {}

    private final DefinitionBuilder out;
    private final BlockNodes nodes;
    private final BlockResolver resolver;
    private final List<Drive> drives = new ArrayList<>();
    private final Map<String, FileRole> roles = new HashMap<>();
    private final Set<String> shareable = new HashSet<>();
    private boolean snapshot;

    Drives(DefinitionBuilder out) {
        this.out = out;
        this.nodes = new BlockNodes(out);
        this.resolver = new BlockResolver(out, nodes);
    }

    void blockdev(Origin origin, String argument) {
        Optional<JsonObject> options = argument.startsWith("{")
                ? ByteText.json(argument)
                : Settings.parse(argument, "driver").tree();
        if (options.isPresent()) {
            nodes.define(origin, options.get());
        } else {
            out.malformed(origin, "neither JSON nor key=value settings that fit together");
        }
    }

    void drive(Origin origin, Settings settings) {
        drives.add(new Drive(origin, settings));
    }

    /** {@code -snapshot}: every drive that does not say otherwise writes to a temporary overlay. */
    void snapshotAll() {
        snapshot = true;
    }

    /** What a node or a drive is for, as the option says that uses it. */
    void usedAs(String name, FileRole role) {
        roles.put(name, role);
    }

    /** The device lets other writers in ({@code share-rw=on}). */
    void shared(String name) {
        shareable.add(name);
    }

    void finish() {
        Map<Drive, JsonObject> trees = new LinkedHashMap<>();
        for (Drive drive : drives) {
            treeOf(drive).ifPresent(tree -> {
                nodes.defineInside(drive.origin, tree, isReadOnly(drive));
                trees.put(drive, tree);
            });
        }
        trees.forEach(this::declare);
        List<Runnable> found = new ArrayList<>();
        // A node is defined before what builds on it: backwards, it is known of each whether something does.
        for (BlockNodes.Node top : nodes.tops().reversed()) {
            String name = top.options().text("node-name").orElse("");
            if (!nodes.isReferenced(top) || roles.containsKey(name) || shareable.contains(name)) {
                Target target = resolver.node(top.options(), new BlockResolver.Place(top.origin(), false, false, 0));
                found.add(() -> resolver.emit(
                        top.origin(), roles.getOrDefault(name, FileRole.DISK), target, shareable.contains(name)));
            }
        }
        found.reversed().forEach(Runnable::run);
    }

    private void declare(Drive drive, JsonObject tree) {
        boolean readOnly = isReadOnly(drive);
        boolean temporary = drive.settings.has("snapshot") ? drive.settings.isOn("snapshot") : snapshot;
        Target target = resolver.node(
                tree, new BlockResolver.Place(drive.origin, readOnly || temporary, readOnly || temporary, 0));
        if (temporary && !(target instanceof Target.Nothing)) {
            out.made(
                    drive.origin,
                    FileRole.DISK,
                    ByteText.bytes(TEMPORARY),
                    "with snapshot=on qemu writes to a nameless file that it makes there");
        }
        String id = drive.settings.text("id");
        boolean shared = shareable.contains(id);
        resolver.emit(drive.origin, roleOf(drive, id, readOnly), reading(target, temporary), shared);
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
        if (drive.settings.text("media").equals("cdrom")) {
            return FileRole.CDROM;
        }
        return switch (drive.settings.text("if")) {
            case "floppy" -> FileRole.FLOPPY;
            case "pflash" -> readOnly ? FileRole.FIRMWARE : FileRole.NVRAM;
            default -> FileRole.DISK;
        };
    }

    private static boolean isReadOnly(Drive drive) {
        return drive.settings.text("media").equals("cdrom")
                || drive.settings.isOn("readonly")
                || drive.settings.isOn("read-only");
    }

    /** A drive's settings as a block node; empty where the drive has no medium, or a problem was told. */
    private Optional<JsonObject> treeOf(Drive drive) {
        Optional<JsonObject> tree = drive.settings.without(DRIVE_ONLY).tree();
        if (tree.isEmpty()) {
            out.malformed(drive.origin, "settings that do not fit together");
            return Optional.empty();
        }
        Map<String, Json> members = new LinkedHashMap<>(tree.get().members());
        drive.settings.get("format").ifPresent(format -> members.put("driver", new JsonString(format)));
        String file = drive.settings.text("file");
        return switch (ReferenceName.classify(ByteText.name(file))) {
            case ReferenceName.Empty() -> hasMedium(members) ? Optional.of(new JsonObject(members)) : Optional.empty();
            case ReferenceName.JsonOptions() ->
                withJson(drive, members, file.substring(ReferenceName.JSON_PREFIX.length()));
            case ReferenceName.LocalFile(FileName name) -> Optional.of(withFile(members, ByteText.of(name.bytes())));
            case ReferenceName.Protocol(String protocol) -> {
                protocol(drive, members, protocol);
                yield Optional.empty();
            }
            case ReferenceName.UnknownProtocol(String protocol) -> {
                protocol(drive, members, protocol);
                yield Optional.empty();
            }
        };
    }

    private static boolean hasMedium(Map<String, Json> members) {
        return members.containsKey("driver")
                || members.containsKey("file")
                || members.containsKey("filename")
                || members.containsKey("backing");
    }

    /** {@code file=} is the medium itself for a file driver, and a format's or a filter's {@code file} otherwise. */
    private static JsonObject withFile(Map<String, Json> members, String name) {
        boolean itself = members.get("driver") instanceof JsonString(String driver)
                && BlockDriver.of(driver).equals(Optional.of(BlockDriver.FILE));
        if (itself) {
            members.put("filename", new JsonString(name));
        } else {
            Map<String, Json> file = new LinkedHashMap<>(
                    members.get("file") instanceof JsonObject(Map<String, Json> given) ? given : Map.of());
            file.put("filename", new JsonString(name));
            members.put("file", new JsonObject(file));
        }
        return new JsonObject(members);
    }

    /** What is set beside the name counts more than what the name says. */
    private Optional<JsonObject> withJson(Drive drive, Map<String, Json> members, String json) {
        Optional<JsonObject> named = ByteText.json(json);
        if (named.isEmpty() || members.keySet().stream().anyMatch(BlockDriver.CHILD_KEYS::contains)) {
            out.notUnderstood(
                    drive.origin,
                    "a json: name that cannot be read, or with more options for its nodes beside it",
                    "write it as -blockdev");
            return Optional.empty();
        }
        Map<String, Json> merged = new LinkedHashMap<>(named.get().members());
        merged.putAll(members);
        return Optional.of(new JsonObject(merged));
    }

    private void protocol(Drive drive, Map<String, Json> members, String protocol) {
        String name = drive.settings.text("file");
        boolean raw = members.get("driver") instanceof JsonString(String driver) && driver.equals("raw");
        if (isRemote(name, protocol)) {
            out.external(drive.origin, FileRole.DISK, ByteText.shown(name), protocol);
            if (!raw) {
                out.notUnderstood(
                        drive.origin,
                        "the header of a remote image cannot be read here, and may name a file of this host",
                        "declare format=raw, or write it as -blockdev with \"backing\": null");
            }
        } else {
            out.notUnderstood(
                    drive.origin,
                    ByteText.shown(name) + " is taken for the protocol " + ByteText.shown(protocol)
                            + ", which is not understood",
                    "put ./ before a file's name with a colon, or write it as -blockdev");
        }
    }

    /** Whether this name is of a remote disk alone: no socket, no configuration file of this host in it. */
    private static boolean isRemote(String name, String protocol) {
        return ReferenceName.REMOTE_PROTOCOLS.contains(protocol)
                && !protocol.equals("nvme")
                && LOCAL_PARTS.stream().noneMatch(name::contains);
    }
}
