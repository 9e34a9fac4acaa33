package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.guard.graph.Node;
import labeler.guard.relay.OwnNames;
import labeler.journal.HoldTrigger;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.qemu.hotplug.HotplugDisk;

/** Commands that add a block node, change its options, or make a file for one. */
record NodeReader(Situation situation, MeaningBuilder out) {
    private static final String DRIVER = "driver";
    private static final String NODE_NAME = "node-name";
    /** The keys of {@code blockdev-create} under which nodes stand. */
    private static final Set<String> PARTS = Set.of("file", "data-file", "extents", "header");

    /** {@code blockdev-add}: the node, its files and all that their headers name. */
    void add(JsonObject options) {
        reserved(options.text(NODE_NAME));
        probed(options);
        written(options);
        opened(options);
        List<NewNode> added = NewNodes.of(options, situation.nodes());
        added.forEach(node ->
                node.objection(situation.nodes(), UnaryOperator.identity()).ifPresent(out::refuse));
        switch (KnownNodes.read(options, situation.nodes())) {
            case KnownNodes.Missing(String node) ->
                out.refuse(
                        Rule.S9,
                        "there is no node " + NameRules.printable(node)
                                + "; name one of those that query-named-block-nodes shows");
            case KnownNodes.NotUnderstood(String message) -> out.refuse(Rule.C1, message);
            case KnownNodes.Read(HotplugDisk disk) -> add(disk, added);
        }
    }

    private void add(HotplugDisk disk, List<NewNode> added) {
        VmDefinition definition = disk.definition();
        for (Problem problem : definition.problems()) {
            out.refuse(Rule.of(problem.kind()), problem.message());
        }
        HoldTrigger beside = new HoldTrigger.Node(disk.nodes().getLast());
        for (DeclaredUse use : definition.uses()) {
            named(use);
            out.want(use, use.role().isImage() ? new HoldTrigger.Graph() : beside);
        }
        out.disk(disk, added);
    }

    /** A name that stands in the command itself; those in headers are judged by the headers' rules. */
    private void named(DeclaredUse use) {
        use.names().stream()
                .findFirst()
                .map(first -> text(FileName.of(first.bytes())))
                .filter(name -> !isHad(name))
                .ifPresent(name -> out.path(situation.names().file(name)));
    }

    private static String text(FileName name) {
        return new String(name.bytes(), StandardCharsets.UTF_8);
    }

    /** Every node with a file below says what it is. */
    private void probed(JsonObject options) {
        options.members().forEach((key, value) -> KnownNodes.below(key, value).forEach(this::probed));
        if (options.text(DRIVER).isEmpty()) {
            out.refuse(Rule.S4, "a node without a driver; name it, since nothing is probed");
        }
    }

    /** A file node that is there already: before it is opened for writing, qemu opens it as one that is only read. */
    private void opened(JsonObject options) {
        options.members().forEach((key, value) -> {
            if (PARTS.contains(key) && value instanceof JsonString(String child)) {
                Optional.ofNullable(situation.graph().nodes().get(child))
                        .filter(Node::isFile)
                        .ifPresent(out::reopen);
            }
            KnownNodes.below(key, value).forEach(this::opened);
        });
    }

    /** Names of files in the options themselves, whatever else is wrong with them. */
    private void written(JsonObject options) {
        options.members().values().stream().flatMap(NodeReader::within).forEach(this::writtenHere);
        writtenHere(options);
    }

    private void writtenHere(JsonObject options) {
        Optional<String> name = options.text("filename")
                .filter(_ ->
                        options.text(DRIVER).filter(NewNodes.FILES::contains).isPresent());
        name.filter(text -> !isHad(text)).ifPresent(text -> {
            Optional<HostPath> _ = out.path(situation.names().file(text));
        });
    }

    private boolean isHad(String name) {
        return HostPath.parse(name.getBytes(StandardCharsets.UTF_8))
                .filter(situation.nodes().files()::contains)
                .isPresent();
    }

    void reserved(Optional<String> name) {
        if (OwnNames.has(name)) {
            out.refuse(Rule.S14, "names that begin with labeler- are the guard's; choose another");
        }
    }

    /** {@code blockdev-reopen}: each node keeps its file; one that becomes writable gets it for writing. */
    void reopen(JsonObject arguments) {
        for (Json element : arguments.elements("options")) {
            if (element instanceof JsonObject options) {
                options.text(NODE_NAME).map(situation.graph().nodes()::get).ifPresent(node -> reopen(node, options));
            }
        }
    }

    private void reopen(Node node, JsonObject options) {
        for (String key : KnownNodes.CHILDREN) {
            switch (options.get(key).orElse(Json.nothing())) {
                case JsonString(String child) -> below(node, key, child);
                case JsonObject _ ->
                    out.refuse(Rule.C1, "a new node inside of blockdev-reopen; add it with blockdev-add before");
                case Json _ -> {}
            }
        }
        boolean stays = options.get("read-only").equals(Optional.of(Json.of(true)));
        situation.graph().files(node.name()).forEach(out::reopen);
        if (!stays) {
            out.widen(node, situation.nodes(), new HoldTrigger.Graph());
        }
    }

    private void below(Node node, String key, String child) {
        Optional<Node> wanted = Optional.ofNullable(situation.graph().nodes().get(child));
        boolean isSame = situation.graph().below(node.name()).stream()
                .anyMatch(edge -> edge.role().equals(key) && edge.child().equals(child));
        if (isSame || wanted.isEmpty()) {
            return;
        }
        if (!key.equals("backing")) {
            out.refuse(Rule.S5, "another " + key + " for node " + node.name() + "; add a new node instead");
        } else if (situation.graph().chain(wanted.get()).contains(node)) {
            out.refuse(Rule.S9, "node " + node.name() + " is below " + child + "; a chain has no circles");
        } else {
            situation.headerDiffers(node, wanted.get()).ifPresent(out::refuse);
        }
    }

    /** {@code blockdev-create}: makes a file, or writes the first header into a node. */
    void create(JsonObject arguments) {
        String job = arguments.text("job-id").orElse("");
        JsonObject options = arguments.get("options").orElse(Json.nothing()) instanceof JsonObject object
                ? object
                : Json.object().build();
        HoldTrigger end = new HoldTrigger.Job(job);
        out.job(job);
        if (options.text(DRIVER).equals(Optional.of("file"))) {
            out.file(situation.names().file(options.text("filename").orElse("")), FileRole.DISK, UseAccess.CREATE, end);
            return;
        }
        if (hasNewNode(options)) {
            out.refuse(Rule.S4, "a new node inside of blockdev-create; add it with blockdev-add before");
            return;
        }
        options.members().forEach((key, value) -> formatted(options, key, value, end));
        backingText(options);
    }

    /** Whether options of nodes stand anywhere in there, also in a list of extents. */
    private static boolean hasNewNode(JsonObject options) {
        return options.members().values().stream()
                .flatMap(NodeReader::within)
                .anyMatch(object -> object.members().containsKey(DRIVER));
    }

    private static Stream<JsonObject> within(Json json) {
        return switch (json) {
            case JsonObject object ->
                Stream.concat(
                        Stream.of(object), object.members().values().stream().flatMap(NodeReader::within));
            case JsonArray(List<Json> elements) -> elements.stream().flatMap(NodeReader::within);
            case Json _ -> Stream.empty();
        };
    }

    /** A node that gets a header, or a part of the new image. */
    private void formatted(JsonObject options, String key, Json value, HoldTrigger end) {
        List<Json> named = value instanceof JsonArray(List<Json> elements) ? elements : List.of(value);
        if (!PARTS.contains(key)) {
            return;
        }
        for (Json one : named) {
            if (one instanceof JsonString(String name)) {
                situation.graph().driveOrNode(name).ifPresent(node -> {
                    written(node);
                    out.widen(node, situation.nodes(), end);
                    ImageFormat.ofDriver(options.text(DRIVER).orElse(""))
                            .ifPresent(format ->
                                    situation.nodes().image(node).ifPresent(path -> out.header(path, format)));
                });
            }
        }
    }

    /** An image with nodes above would lose its content under them. */
    private void written(Node file) {
        situation.graph().above(file.name()).stream()
                .filter(edge -> situation.graph().nodes().containsKey(edge.parent()))
                .findFirst()
                .ifPresent(edge -> out.refuse(
                        Rule.S9,
                        "node " + file.name() + " is in use by " + edge.parent() + "; format a file that is not"));
    }

    private void backingText(JsonObject options) {
        Optional<String> text = options.text("backing-file").filter(name -> !name.isEmpty());
        if (text.isEmpty()) {
            return;
        }
        if (options.text("backing-fmt").isEmpty()) {
            out.refuse(
                    Rule.S12,
                    "a backing file without backing-fmt; give it, since at the next start its format would have to be"
                            + " guessed");
        }
        out.path(situation.names().legacy(text.get())).ifPresent(path -> {
            if (!situation.nodes().files().contains(path)) {
                out.refuse(
                        Rule.S12,
                        path.printable() + " is no file of this VM, and the next start would be refused; add it first");
            }
            situation.nodes().images(path).stream()
                    .filter(image -> !options.text("backing-fmt").equals(Optional.of(image.driver())))
                    .findFirst()
                    .ifPresent(image -> out.refuse(
                            Rule.S12,
                            path.printable() + " is " + image.driver() + " in this VM, and the next start would be"
                                    + " refused; give that as backing-fmt"));
        });
    }

    /** {@code blockdev-change-medium}. {@link ImpliedArguments} has written how the medium is opened. */
    void medium(JsonObject arguments) {
        Optional<ImageFormat> format = format(arguments, "blockdev-change-medium");
        Optional<HostPath> path =
                out.path(situation.names().legacy(arguments.text("filename").orElse("")));
        if (format.isEmpty() || path.isEmpty()) {
            return;
        }
        boolean writes = !arguments.get(ImpliedArguments.MODE).equals(Optional.of(Json.of(ImpliedArguments.READ_ONLY)));
        out.want(image(path.get(), format.get(), writes, FileRole.CDROM), new HoldTrigger.Graph());
    }

    /** The format that a command in qemu's older way has to have. */
    Optional<ImageFormat> format(JsonObject arguments, String command) {
        Optional<String> word = arguments.text("format");
        if (word.isEmpty()) {
            out.refuse(Rule.S4, command + " without a format; add it, since nothing is probed");
            return Optional.empty();
        }
        Optional<ImageFormat> format = ImageFormat.ofDriver(word.get());
        if (format.isEmpty()) {
            out.refuse(
                    Rule.S4,
                    "the format " + NameRules.printable(word.get())
                            + " is none that is understood; use raw, qcow2 or another of an image");
        }
        return format;
    }

    /** An image whose header decides about the files below it. */
    DeclaredUse image(HostPath path, ImageFormat format, boolean writes, FileRole role) {
        return new DeclaredUse.ImageUse(
                out.origin(),
                role,
                ImageRequest.followingHeaders(
                        FileName.of(path.bytes()),
                        new ImageRequest.Declared(format),
                        Access.of(writes),
                        new ImageRequest.BesideImage()),
                false);
    }
}
