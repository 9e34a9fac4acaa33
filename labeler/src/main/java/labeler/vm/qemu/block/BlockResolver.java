package labeler.vm.qemu.block;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.chain.ImageRequest.BackingChoice;
import labeler.chain.ImageRequest.DataFileChoice;
import labeler.chain.ImageRequest.Declared;
import labeler.chain.ImageRequest.DeclaredBacking;
import labeler.chain.ImageRequest.DeclaredDataFile;
import labeler.chain.ImageRequest.ExternalBacking;
import labeler.chain.ImageRequest.FormatChoice;
import labeler.chain.ImageRequest.HeaderBacking;
import labeler.chain.ImageRequest.HeaderDataFile;
import labeler.chain.ImageRequest.NoBacking;
import labeler.chain.ImageRequest.ProbedBacking;
import labeler.chain.ImageRequest.ProcessDirectory;
import labeler.chain.ImageRequest.Undeclared;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Settings;

/** Follows block nodes down to the files that qemu opens for them. */
final class BlockResolver {
    /** libvirt's limit on a chain, and far more than any other use of nodes on nodes. */
    private static final int MAXIMUM_DEPTH = 200;

    /** Nodes looked at for one command line: references can fan out without end. */
    private static final int MAXIMUM_STEPS = 20_000;

    private static final Target NOTHING = new Target.Nothing();

    /** Options of nodes that may hold a slash, and name no file that is not looked at. */
    private static final Set<String> KNOWN_TEXT =
            Set.of("driver", "filename", "node-name", "path", "export", "image", "pool", "url", "config", "conf");

    /**
     * Where a node stands.
     *
     * @param inherited whether what it is written inside is read-only
     * @param quiet whether what stands above it never writes: a node with auto-read-only stays read-only then
     */
    record Place(Origin origin, boolean inherited, boolean quiet, int depth) {
        Place below(boolean readOnly) {
            return new Place(origin, readOnly, readOnly, depth + 1);
        }
    }

    private final DefinitionBuilder out;
    private final BlockNodes nodes;
    private final ImageRequest.DataFileBase processDirectory;
    private int steps;

    BlockResolver(DefinitionBuilder out, BlockNodes nodes) {
        this.out = out;
        this.nodes = nodes;
        this.processDirectory = new ProcessDirectory(
                FileName.of(out.workingDirectory().child("").bytes()));
    }

    /** What a child comes down to: the name of a node, or a node written where it is used. */
    Target resolve(Json child, Place place) {
        return switch (child) {
            case JsonObject options -> node(options, place);
            case JsonString(String name) -> {
                Optional<BlockNodes.Node> node = nodes.reference(name);
                if (node.isEmpty()) {
                    out.malformed(place.origin, "no block node has the name " + ByteText.shown(name));
                    yield NOTHING;
                }
                Place there = new Place(node.get().origin(), node.get().inheritedReadOnly(), place.quiet, place.depth);
                yield node(node.get().options(), there);
            }
            case JsonArray _, JsonBoolean _, JsonInteger _, JsonDecimal _, JsonNull _ -> {
                out.malformed(place.origin, "neither a block node nor the name of one");
                yield NOTHING;
            }
        };
    }

    Target node(JsonObject options, Place place) {
        steps++;
        if (steps > MAXIMUM_STEPS || place.depth > MAXIMUM_DEPTH) {
            out.problem(Problem.Kind.TOO_DEEP, place.origin, "block nodes on block nodes without end");
            return NOTHING;
        }
        String name = options.text("driver").orElse("");
        if (name.isEmpty()) {
            return undeclared(options, place);
        }
        Optional<BlockDriver> driver = BlockDriver.of(name);
        if (driver.isEmpty()) {
            out.notUnderstood(
                    place.origin,
                    "the block driver " + ByteText.shown(name) + " is not known, and may open any file",
                    "use one of qemu 10.0's drivers");
            return NOTHING;
        }
        refuseUnknownNames(options, driver.get(), place);
        boolean readOnly = BlockNodes.isReadOnly(options, place.inherited);
        Place below = place.below(readOnly);
        return switch (driver.get()) {
            case FILE -> leaf(options, place, readOnly);
            case RAW -> raw(options, below);
            case FORMAT -> format(name, options, below, readOnly);
            case LUKS -> {
                also(options, "header", FileRole.DISK, below);
                yield opaque(below("file", options, below));
            }
            case FILTER -> below("file", options, below);
            case FILTER_WITH_LOG -> {
                also(options, "log", FileRole.DISK, place.below(false));
                yield below("file", options, below);
            }
            case FILTER_WITH_TARGET -> {
                also(options, "target", FileRole.DISK, place.below(false));
                yield below("file", options, below);
            }
            case DEBUG -> {
                options.text("config")
                        .filter(config -> !config.isEmpty())
                        .ifPresent(config -> out.file(
                                place.origin, FileRole.CONFIGURATION, ByteText.bytes(config), UseAccess.READ_ONLY));
                yield below("image", options, below);
            }
            case VERIFY -> {
                also(options, "raw", FileRole.DISK, below);
                yield opaque(below("test", options, below));
            }
            case QUORUM -> {
                for (ChildNode child : ChildNode.of(options, "children")) {
                    emit(place.origin, FileRole.DISK, resolve(child.json(), below), false);
                }
                yield NOTHING;
            }
            case REMOTE -> RemoteDisks.declare(name, options, place.origin, out);
            case NOTHING -> NOTHING;
            case UNKNOWN_FILES -> {
                out.notUnderstood(
                        place.origin,
                        "the block driver " + name + " opens what only the host can tell: a directory, or a device",
                        "give the image with driver file or host_device");
                yield NOTHING;
            }
        };
    }

    private void refuseUnknownNames(JsonObject options, BlockDriver driver, Place place) {
        if (driver == BlockDriver.REMOTE) {
            return;
        }
        options.members().forEach((key, value) -> {
            if (value instanceof JsonString(String text)
                    && text.contains("/")
                    && !KNOWN_TEXT.contains(key)
                    && !BlockDriver.CHILD_KEYS.contains(key)) {
                out.notUnderstood(
                        place.origin,
                        "the block option " + ByteText.shown(key) + " looks like a file name, and is not understood",
                        "leave it out");
            }
        });
    }

    private Target leaf(JsonObject options, Place place, boolean readOnly) {
        Optional<String> filename = options.text("filename");
        if (filename.isEmpty()) {
            out.malformed(place.origin, "a block node with a file driver and no filename");
            return NOTHING;
        }
        boolean writes = !readOnly && !(Settings.isOn("auto-read-only", options) && place.quiet);
        return out.path(place.origin, ByteText.bytes(filename.get()))
                .<Target>map(path -> new Target.Image(rawFile(FileName.of(path.bytes()), writes), true))
                .orElse(NOTHING);
    }

    private ImageRequest rawFile(FileName name, boolean writes) {
        return new ImageRequest(
                name,
                new Declared(ImageFormat.RAW),
                writes ? Access.READ_WRITE : Access.READ_ONLY,
                new NoBacking(),
                new HeaderDataFile(processDirectory));
    }

    private Target raw(JsonObject options, Place below) {
        Target file = below("file", options, below);
        boolean part = options.get("offset").filter(offset -> !isZero(offset)).isPresent();
        return part ? opaque(file) : file;
    }

    private static boolean isZero(Json number) {
        return switch (number) {
            case JsonInteger(long value) -> value == 0;
            case JsonString(String text) -> text.equals("0");
            case JsonArray _, JsonBoolean _, JsonObject _, JsonDecimal _, JsonNull _ -> false;
        };
    }

    /** The same file, with nothing at its start that a header could be read from. */
    private static Target opaque(Target target) {
        return switch (target) {
            case Target.Image(ImageRequest request, boolean _) -> new Target.Image(request, false);
            case Target.Outside _, Target.Nothing _ -> target;
        };
    }

    private Target format(String name, JsonObject options, Place below, boolean readOnly) {
        Optional<ImageFormat> format = ImageFormat.ofDriver(name);
        if (format.isEmpty()) {
            out.problem(
                    Problem.Kind.UNSUPPORTED,
                    below.origin,
                    "images of format " + name + " are not understood; convert it to qcow2 or raw");
            return NOTHING;
        }
        return interpreted(new Declared(format.get()), options, below, readOnly);
    }

    private Target undeclared(JsonObject options, Place place) {
        boolean readOnly = BlockNodes.isReadOnly(options, place.inherited);
        return interpreted(new Undeclared(), options, place.below(readOnly), readOnly);
    }

    /** A header at the start of {@code file}. */
    private Target interpreted(FormatChoice format, JsonObject options, Place below, boolean readOnly) {
        BackingChoice backing = backing(options, below);
        DataFileChoice dataFile = dataFile(options, below, readOnly);
        return switch (below("file", options, below)) {
            case Target.Nothing _ -> NOTHING;
            case Target.Outside outside -> {
                emitBacking(below.origin, backing);
                emitDataFile(below.origin, dataFile, readOnly);
                if (backing instanceof HeaderBacking) {
                    out.notUnderstood(
                            below.origin,
                            "the header of the remote image " + ByteText.shown(outside.reference())
                                    + " cannot be read here, and may name a file of this host",
                            format instanceof Undeclared ? "declare format=raw" : "say \"backing\": null or the image");
                }
                yield outside;
            }
            case Target.Image(ImageRequest file, boolean whole) -> {
                if (!whole || !file.format().equals(new Declared(ImageFormat.RAW))) {
                    out.notUnderstood(
                            below.origin,
                            "an image inside of another image, or at an offset, whose header is not read",
                            "make it a file of its own");
                    yield NOTHING;
                }
                yield new Target.Image(new ImageRequest(file.name(), format, file.access(), backing, dataFile), false);
            }
        };
    }

    private BackingChoice backing(JsonObject options, Place below) {
        Optional<Json> backing = options.get("backing");
        if (backing.isEmpty()) {
            return new HeaderBacking();
        }
        if (backing.get() instanceof JsonNull || backing.get().equals(new JsonString(""))) {
            return new NoBacking();
        }
        if (backing.get() instanceof JsonObject inner
                && inner.get("file").isEmpty()
                && inner.get("filename").isEmpty()
                && inner.get("image").isEmpty()) {
            out.notUnderstood(
                    below.origin,
                    "backing options that leave the backing file's name to the header",
                    "give the backing file's name with them");
            return new NoBacking();
        }
        return switch (resolve(backing.get(), below.below(true))) {
            case Target.Image(ImageRequest request, boolean _) -> {
                if (request.access() == Access.READ_WRITE) {
                    out.use(new ImageUse(below.origin, FileRole.BACKING, request, false));
                }
                yield new DeclaredBacking(readOnly(request));
            }
            case Target.Outside(String reference, String protocol) -> new ExternalBacking(reference, protocol);
            case Target.Nothing _ -> new NoBacking();
        };
    }

    private static ImageRequest readOnly(ImageRequest request) {
        return new ImageRequest(
                request.name(), request.format(), Access.READ_ONLY, request.backing(), request.dataFile());
    }

    private DataFileChoice dataFile(JsonObject options, Place below, boolean readOnly) {
        Optional<Json> dataFile = options.get("data-file");
        if (dataFile.isEmpty()) {
            return new HeaderDataFile(processDirectory);
        }
        return switch (resolve(withImpliedDriver(dataFile.get()), below)) {
            case Target.Image(ImageRequest request, boolean _) -> {
                if (readOnly && request.access() == Access.READ_WRITE) {
                    out.use(new ImageUse(below.origin, FileRole.DATA_FILE, request, false));
                }
                yield new DeclaredDataFile(request.name());
            }
            case Target.Outside(String reference, String protocol) -> {
                out.external(below.origin, FileRole.DATA_FILE, reference, protocol);
                yield new HeaderDataFile(processDirectory);
            }
            case Target.Nothing _ -> new HeaderDataFile(processDirectory);
        };
    }

    private void emitBacking(Origin origin, BackingChoice backing) {
        switch (backing) {
            case DeclaredBacking(ImageRequest image) ->
                emit(origin, FileRole.BACKING, new Target.Image(image, false), false);
            case ExternalBacking(String reference, String protocol) ->
                out.external(origin, FileRole.BACKING, reference, protocol);
            case HeaderBacking _, ProbedBacking _, NoBacking _ -> {}
        }
    }

    private void emitDataFile(Origin origin, DataFileChoice dataFile, boolean readOnly) {
        if (dataFile instanceof DeclaredDataFile(FileName name)) {
            ImageRequest raw = rawFile(name, !readOnly);
            emit(origin, FileRole.DATA_FILE, new Target.Image(raw, true), false);
        }
    }

    private Target below(String key, JsonObject options, Place below) {
        Optional<Json> child = options.get(key);
        if (child.isEmpty()) {
            out.malformed(below.origin, "a block node without its " + key);
            return NOTHING;
        }
        return resolve(withImpliedDriver(child.get()), below);
    }

    /** Below a format, a name without a driver is the file itself; qemu finds out whether it is a device. */
    private static Json withImpliedDriver(Json child) {
        if (!(child instanceof JsonObject options)
                || options.get("driver").isPresent()
                || options.get("filename").isEmpty()) {
            return child;
        }
        Map<String, Json> members = new LinkedHashMap<>(options.members());
        members.put("driver", new JsonString("file"));
        return new JsonObject(members);
    }

    /** A second child, which is an image of its own. */
    private void also(JsonObject options, String key, FileRole role, Place below) {
        options.get(key).ifPresent(child -> emit(below.origin, role, resolve(child, below), false));
    }

    /** Puts what a node came down to into the definition. */
    void emit(Origin origin, FileRole role, Target target, boolean shareable) {
        switch (target) {
            case Target.Image(ImageRequest request, boolean _) ->
                out.use(new ImageUse(origin, role, request, shareable));
            case Target.Outside(String reference, String protocol) -> out.external(origin, role, reference, protocol);
            case Target.Nothing _ -> {}
        }
    }
}
