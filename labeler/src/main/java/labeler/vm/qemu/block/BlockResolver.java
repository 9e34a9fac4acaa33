package labeler.vm.qemu.block;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
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
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonString;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse.ImageUse;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.NameTable;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.qemu.text.ByteText;

/** Follows block nodes down to the files that qemu opens for them. */
final class BlockResolver {
    /** libvirt's limit on a chain, 200 images, and a few filters above them. */
    static final int MAXIMUM_DEPTH = 216;

    /** Nodes visited for one command line: references can fan out without end. */
    private static final int MAXIMUM_STEPS = 20_000;

    private static final Set<Json> ZEROS = Set.of(Json.of(0), Json.of("0"));

    private static final Set<Json> NO_NODE = Set.of(new JsonNull(), new JsonString(""));

    private static final NodeTarget NOTHING = new NodeTarget.Nothing();

    /** Options of nodes that may hold a slash, and either name no file or are read elsewhere. */
    private static final Set<String> KNOWN_TEXT =
            NameTable.of("driver filename node-name path export image pool url config conf dir");

    /**
     * The way to a node.
     *
     * @param quiet whether the user above it never writes: a node with auto-read-only then stays read-only
     */
    private record Way(boolean quiet, int depth) {}

    private final DefinitionBuilder out;
    private final NodeTree nodes;
    private final ImageRequest.DataFileBase processDirectory;
    private int steps;

    BlockResolver(DefinitionBuilder out, NodeTree nodes) {
        this.out = out;
        this.nodes = nodes;
        this.processDirectory = new ProcessDirectory(
                FileName.of(out.workingDirectory().child("").bytes()));
    }

    /** The file or target below a disk. */
    NodeTarget root(Disk disk) {
        return node(disk.root(), new Way(disk.isQuiet(), 0));
    }

    private NodeTarget child(Node parent, Child child, Way way) {
        Way below = new Way(parent.isQuietBelow(child), way.depth + 1);
        return switch (child.below()) {
            case Child.Inside(Node inside) -> node(inside, below);
            case Child.Named(String name) -> {
                Optional<Node> named = nodes.named(name);
                if (named.isEmpty()) {
                    out.malformed(parent.origin(), "no block node has the name " + ByteText.shown(name));
                    yield NOTHING;
                }
                yield node(named.get(), below);
            }
            case Child.Neither() -> {
                out.malformed(parent.origin(), "neither a block node nor the name of one");
                yield NOTHING;
            }
        };
    }

    private NodeTarget node(Node node, Way way) {
        steps++;
        if (steps > MAXIMUM_STEPS || way.depth > MAXIMUM_DEPTH) {
            out.problem(Problem.Kind.TOO_DEEP, node.origin(), "block nodes on block nodes without end");
            return NOTHING;
        }
        if (node.driver() != BlockDriver.UNDECLARED && node.driver() != BlockDriver.UNKNOWN) {
            refuseUnknownNames(node);
        }
        return switch (node.driver()) {
            case FILE -> leaf(node, way);
            case RAW -> raw(node, way);
            case FORMAT -> format(node, way);
            case UNDECLARED -> interpreted(new Undeclared(), node, way);
            case FILTER, FILTER_WITH_LOG, FILTER_WITH_TARGET -> passedOn(node, way);
            case LUKS, VERIFY -> opaque(passedOn(node, way));
            case DEBUG -> {
                node.options()
                        .text("config")
                        .filter(config -> !config.isEmpty())
                        .ifPresent(config -> out.file(
                                node.origin(), FileRole.CONFIGURATION, ByteText.bytes(config), UseAccess.READ_ONLY));
                yield passedOn(node, way);
            }
            case QUORUM -> {
                also("children", node, way);
                yield NOTHING;
            }
            case REMOTE -> RemoteDisks.declare(driverName(node), node.options(), node.origin(), out);
            case NOTHING -> NOTHING;
            case NO_IMAGE -> HostDisks.declare(driverName(node), node.options(), node.origin(), out);
            case UNKNOWN -> {
                out.notUnderstood(
                        node.origin(),
                        "the block driver " + ByteText.shown(driverName(node)) + " is not known, and may open any file",
                        "use one of qemu 10.0's drivers");
                yield NOTHING;
            }
        };
    }

    private static String driverName(Node node) {
        return node.options().text("driver").orElse("");
    }

    private void refuseUnknownNames(Node node) {
        if (node.driver() == BlockDriver.REMOTE) {
            return;
        }
        node.options().members().forEach((key, value) -> {
            if (value instanceof JsonString(String text)
                    && text.contains("/")
                    && !KNOWN_TEXT.contains(key)
                    && !BlockDriver.CHILD_KEYS.contains(key)) {
                out.notUnderstood(
                        node.origin(),
                        "the block option " + ByteText.shown(key) + " looks like a file name, and is not understood",
                        "leave it out");
            }
        });
    }

    private NodeTarget leaf(Node node, Way way) {
        Optional<String> filename = node.options().text("filename");
        if (filename.isEmpty()) {
            out.malformed(node.origin(), "a block node with a file driver and no filename");
            return NOTHING;
        }
        return out.path(node.origin(), ByteText.bytes(filename.get()))
                .<NodeTarget>map(
                        path -> new NodeTarget.Image(rawFile(FileName.of(path.bytes()), node.writes(way.quiet)), true))
                .orElse(NOTHING);
    }

    private ImageRequest rawFile(FileName name, boolean writes) {
        return new ImageRequest(
                name,
                new Declared(ImageFormat.RAW),
                Access.of(writes),
                new NoBacking(),
                new HeaderDataFile(processDirectory));
    }

    private NodeTarget raw(Node node, Way way) {
        NodeTarget file = below("file", node, way);
        boolean part = node.options()
                .get("offset")
                .filter(offset -> !ZEROS.contains(offset))
                .isPresent();
        return part ? opaque(file) : file;
    }

    /** The same file, with no readable header at its start. */
    private static NodeTarget opaque(NodeTarget target) {
        return target instanceof NodeTarget.Image(ImageRequest request, boolean _)
                ? new NodeTarget.Image(request, false)
                : target;
    }

    private NodeTarget format(Node node, Way way) {
        Optional<ImageFormat> format = ImageFormat.ofDriver(driverName(node));
        if (format.isEmpty()) {
            out.problem(
                    Problem.Kind.UNSUPPORTED,
                    node.origin(),
                    "images of format " + driverName(node) + " are not understood; convert it to qcow2 or raw");
            return NOTHING;
        }
        return interpreted(new Declared(format.get()), node, way);
    }

    /** A header at the start of {@code file}. */
    private NodeTarget interpreted(FormatChoice format, Node node, Way way) {
        BackingChoice backing = backing(node, way);
        DataFileChoice dataFile = dataFile(node, way);
        return switch (below("file", node, way)) {
            case NodeTarget.Nothing _ -> NOTHING;
            case NodeTarget.Outside outside -> {
                unread("the remote image " + ByteText.shown(outside.reference()), format, backing, dataFile, node);
                yield outside;
            }
            case NodeTarget.Declared declared -> {
                unread("a disk that is no file", format, backing, dataFile, node);
                yield declared;
            }
            case NodeTarget.Image(ImageRequest file, boolean whole) -> {
                if (!whole || !file.format().equals(new Declared(ImageFormat.RAW))) {
                    out.notUnderstood(
                            node.origin(),
                            "an image inside of another image, or at an offset, whose header is not read",
                            "make it a file of its own");
                    yield NOTHING;
                }
                yield new NodeTarget.Image(
                        new ImageRequest(file.name(), format, file.access(), backing, dataFile), false);
            }
        };
    }

    /** Only the options beside an image that cannot be read here tell which files it names. */
    private void unread(String what, FormatChoice format, BackingChoice backing, DataFileChoice dataFile, Node node) {
        emitBacking(node.origin(), backing);
        emitDataFile(node.origin(), dataFile, node.readOnly());
        if (backing instanceof HeaderBacking) {
            out.notUnderstood(
                    node.origin(),
                    "the header of " + what + " cannot be read here, and may name a file of this host",
                    format instanceof Undeclared ? "declare format=raw" : "say \"backing\": null or the image");
        }
    }

    private BackingChoice backing(Node node, Way way) {
        Optional<Child> backing = node.children("backing").stream().findFirst();
        if (backing.isEmpty()) {
            return new HeaderBacking();
        }
        if (node.options().get("backing").filter(NO_NODE::contains).isPresent()) {
            return new NoBacking();
        }
        if (backing.get().below() instanceof Child.Inside(Node inside)
                && Stream.of("file", "filename", "image")
                        .allMatch(key -> inside.options().get(key).isEmpty())) {
            out.notUnderstood(
                    node.origin(),
                    "backing options that leave the backing file's name to the header",
                    "give the backing file's name with them");
            return new NoBacking();
        }
        return switch (child(node, backing.get(), new Way(true, way.depth))) {
            case NodeTarget.Image(ImageRequest request, boolean _) -> {
                if (request.access().isWriting()) {
                    out.use(new ImageUse(node.origin(), FileRole.BACKING, request, false));
                }
                yield new DeclaredBacking(request.readOnly());
            }
            case NodeTarget.Outside(String reference, String protocol) -> new ExternalBacking(reference, protocol);
            case NodeTarget.Declared _, NodeTarget.Nothing _ -> new NoBacking();
        };
    }

    private DataFileChoice dataFile(Node node, Way way) {
        Optional<Child> dataFile = node.children("data-file").stream().findFirst();
        if (dataFile.isEmpty()) {
            return new HeaderDataFile(processDirectory);
        }
        return switch (child(node, dataFile.get(), way)) {
            case NodeTarget.Image(ImageRequest request, boolean _) -> {
                if (node.readOnly() && request.access().isWriting()) {
                    out.use(new ImageUse(node.origin(), FileRole.DATA_FILE, request, false));
                }
                yield new DeclaredDataFile(request.name(), processDirectory);
            }
            case NodeTarget.Outside(String reference, String protocol) -> {
                out.external(node.origin(), FileRole.DATA_FILE, reference, protocol);
                yield new HeaderDataFile(processDirectory);
            }
            case NodeTarget.Declared _, NodeTarget.Nothing _ -> new HeaderDataFile(processDirectory);
        };
    }

    private void emitBacking(Origin origin, BackingChoice backing) {
        switch (backing) {
            case DeclaredBacking(ImageRequest image) -> out.use(new ImageUse(origin, FileRole.BACKING, image, false));
            case ExternalBacking(String reference, String protocol) ->
                out.external(origin, FileRole.BACKING, reference, protocol);
            case HeaderBacking _, ProbedBacking _, NoBacking _ -> {}
        }
    }

    private void emitDataFile(Origin origin, DataFileChoice dataFile, boolean readOnly) {
        if (dataFile instanceof DeclaredDataFile declared) {
            out.use(new ImageUse(origin, FileRole.DATA_FILE, rawFile(declared.name(), !readOnly), false));
        }
    }

    private NodeTarget below(String key, Node node, Way way) {
        Optional<Child> child = node.children(key).stream().findFirst();
        if (child.isEmpty()) {
            out.malformed(node.origin(), "a block node without its " + key);
            return NOTHING;
        }
        return child(node, child.get(), way);
    }

    /** The child that counts; the others are images of their own. */
    private NodeTarget passedOn(Node node, Way way) {
        List<String> keys = node.driver().childKeys();
        keys.stream().skip(1).forEach(key -> also(key, node, way));
        return below(keys.getFirst(), node, way);
    }

    /** Other children, each of them an image of its own. */
    private void also(String key, Node node, Way way) {
        node.children(key).forEach(child -> emit(node.origin(), FileRole.DISK, child(node, child, way), false));
    }

    /** Puts a node's target into the definition. */
    void emit(Origin origin, FileRole role, NodeTarget target, boolean shareable) {
        switch (target) {
            // The device above speaks to it in its own words: it is no image.
            case NodeTarget.Image(ImageRequest request, boolean _)
            when role == FileRole.HOST_DEVICE ->
                out.file(origin, role, request.name().bytes(), UseAccess.of(request.access()));
            case NodeTarget.Image(ImageRequest request, boolean _) ->
                out.use(new ImageUse(origin, role, request, shareable));
            case NodeTarget.Outside(String reference, String protocol) ->
                out.external(origin, role, reference, protocol);
            case NodeTarget.Declared _, NodeTarget.Nothing _ -> {}
        }
    }
}
