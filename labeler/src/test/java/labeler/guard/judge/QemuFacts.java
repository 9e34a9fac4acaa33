package labeler.guard.judge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.guard.QmpClient;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;

/**
 * What is so, by qemu's own word at a monitor that nobody guards, and by the kernel's word on its descriptors. Reads none
 * of it with the product's classes.
 *
 * @param nodes by their names
 * @param lines from a node, a device or a job to the node below
 * @param jobs their status, by their ids
 * @param creating the jobs that make files
 * @param open the files that the process has open, and whether any descriptor of it writes. So is the socket of a node's
 *     server, to which it connects again whenever the server comes back
 * @param disk the node of the device vd0
 */
record QemuFacts(
        Map<String, Block> nodes,
        List<Line> lines,
        Map<String, String> jobs,
        Set<String> creating,
        Map<Path, Boolean> open,
        Optional<String> disk) {
    private static final int HEADER_SIZE = 16;
    private static final int MAGIC = 0x514649fb;

    /** The bits of open(2)'s flags that tell the access. */
    private static final int ACCESS = 3;

    /** Of stat(2)'s mode. */
    private static final int KIND = 0170000;

    private static final int REGULAR = 0100000;
    private static final int BLOCK_DEVICE = 0060000;

    /** A node as qemu tells of it. */
    record Block(String name, String driver, boolean isReadOnly, String file) {
        private static final String SOCKET = "?socket=";

        /** A block device is one as well. */
        boolean isFile() {
            return driver.equals("file") || driver.equals("host_device");
        }

        /** That of its server. */
        Optional<Path> socket() {
            int at = file.indexOf(SOCKET);
            return driver.equals("nbd") && at >= 0
                    ? Optional.of(Path.of(file.substring(at + SOCKET.length())))
                    : Optional.empty();
        }

        boolean isImage() {
            return driver.equals("qcow2") || driver.equals("raw");
        }
    }

    /** An edge of the graph. */
    record Line(String parent, String child, String role) {}

    /** Of a process that has ended. */
    static QemuFacts none() {
        return new QemuFacts(Map.of(), List.of(), Map.of(), Set.of(), Map.of(), Optional.empty());
    }

    static QemuFacts of(QmpClient direct, long pid) throws IOException {
        QemuFacts graph = graph(direct);
        Map<Path, Boolean> open = open(pid);
        graph.nodes().values().forEach(node -> node.socket().ifPresent(socket -> open.put(socket, true)));
        return new QemuFacts(graph.nodes(), graph.lines(), graph.jobs(), graph.creating(), open, graph.disk());
    }

    /** Without the files that are open. */
    static QemuFacts graph(QmpClient direct) throws IOException {
        Map<String, Block> nodes = new HashMap<>();
        for (JsonObject node : ask(direct, "query-named-block-nodes", "'flat':true")) {
            String name = node.text("node-name").orElseThrow();
            nodes.put(
                    name,
                    new Block(
                            name,
                            node.text("drv").orElseThrow(),
                            node.get("ro").equals(Optional.of(new JsonBoolean(true))),
                            node.text("file").orElse("")));
        }
        Optional<String> disk = Optional.empty();
        for (JsonObject device : ask(direct, "query-block", "")) {
            if (device.text("qdev").orElse("").contains("/vd0/")
                    && device.get("inserted").orElse(Json.nothing()) instanceof JsonObject inserted) {
                disk = inserted.text("node-name");
            }
        }
        Map<String, String> jobs = new HashMap<>();
        Set<String> creating = new HashSet<>();
        for (JsonObject job : ask(direct, "query-jobs", "")) {
            jobs.put(job.text("id").orElseThrow(), job.text("status").orElseThrow());
            job.text("type")
                    .filter("create"::equals)
                    .ifPresent(_ -> creating.add(job.text("id").orElseThrow()));
        }
        return new QemuFacts(nodes, lines(direct), jobs, creating, Map.of(), disk);
    }

    private static List<JsonObject> ask(QmpClient direct, String question, String arguments) throws IOException {
        return objects(direct.done(RuleCase.command(question, arguments)));
    }

    private static List<JsonObject> objects(Json list) {
        return ((JsonArray) list)
                .elements().stream().map(JsonObject.class::cast).toList();
    }

    private static List<Line> lines(QmpClient direct) throws IOException {
        JsonObject graph = (JsonObject) direct.done("{'execute':'x-debug-query-block-graph'}");
        Map<Long, String> names = new HashMap<>();
        objects(graph.get("nodes").orElseThrow())
                .forEach(node -> names.put(
                        node.number("id").orElseThrow(), node.text("name").orElseThrow()));
        List<Line> lines = new ArrayList<>();
        for (JsonObject edge : objects(graph.get("edges").orElseThrow())) {
            lines.add(new Line(
                    names.getOrDefault(edge.number("parent").orElseThrow(), ""),
                    names.getOrDefault(edge.number("child").orElseThrow(), ""),
                    edge.text("name").orElseThrow()));
        }
        return lines;
    }

    private static Map<Path, Boolean> open(long pid) throws IOException {
        Map<Path, Boolean> open = new HashMap<>();
        Path process = Path.of("/proc", Long.toString(pid));
        List<Path> descriptors;
        try (Stream<Path> all = Files.list(process.resolve("fd"))) {
            descriptors = all.toList();
        }
        for (Path descriptor : descriptors) {
            try {
                Path file = Files.readSymbolicLink(descriptor);
                String flags = Files.readAllLines(process.resolve("fdinfo").resolve(descriptor.getFileName()))
                        .get(1);
                boolean writes = (Integer.parseInt(flags.split("\\s+", -1)[1], 8) & ACCESS) != 0;
                open.merge(file, writes, Boolean::logicalOr);
            } catch (IOException e) {
                // It was closed meanwhile.
            }
        }
        return open;
    }

    List<String> above(String node) {
        return lines.stream()
                .filter(line -> line.child().equals(node))
                .map(Line::parent)
                .toList();
    }

    private Optional<String> child(String node, String role) {
        return lines.stream()
                .filter(line -> line.parent().equals(node) && line.role().equals(role))
                .findFirst()
                .map(Line::child);
    }

    Optional<String> backing(String node) {
        return child(node, "backing");
    }

    /** The file of an image or a file node, filters between left out. */
    Optional<Path> file(String node) {
        Block block = nodes.get(node);
        if (block == null) {
            return Optional.empty();
        }
        return block.isFile()
                ? Optional.of(Path.of(block.file()))
                : child(node, "file").flatMap(this::file);
    }

    /** The images from the disk down. */
    List<String> chain() {
        List<String> chain = new ArrayList<>();
        Optional<String> at = disk;
        while (at.isPresent() && nodes.containsKey(at.get())) {
            String name = at.get();
            boolean isImage =
                    Optional.ofNullable(nodes.get(name)).filter(Block::isImage).isPresent();
            if (isImage) {
                chain.add(name);
            }
            at = backing(name).or(() -> isImage ? Optional.empty() : child(name, "file"));
        }
        return chain;
    }

    /** Nodes that nothing uses. */
    List<Block> lone() {
        return nodes.values().stream()
                .filter(node ->
                        !node.name().startsWith("#") && above(node.name()).isEmpty())
                .toList();
    }

    /** Jobs that may still do something. */
    Set<String> alive() {
        Set<String> alive = new HashSet<>();
        jobs.forEach((id, status) -> {
            if (!status.equals("null") && (!status.equals("concluded") || creating.contains(id))) {
                alive.add(id);
            }
        });
        return alive;
    }

    static boolean isQcow2(Path file) throws IOException {
        if (!isContent(file)) {
            return false;
        }
        byte[] bytes = Files.readAllBytes(file);
        return bytes.length >= 4 && java.nio.ByteBuffer.wrap(bytes).getInt(0) == MAGIC;
    }

    /** A regular file or a block device; a socket has nothing to be read. */
    private static boolean isContent(Path file) throws IOException {
        int kind = (int) Files.getAttribute(file, "unix:mode") & KIND;
        return kind == REGULAR || kind == BLOCK_DEVICE;
    }

    /** The backing file's name in a qcow2 header; empty without one, or where the file is none. */
    static String header(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        java.nio.ByteBuffer header = java.nio.ByteBuffer.wrap(bytes);
        if (bytes.length < HEADER_SIZE + 4 || header.getInt(0) != MAGIC) {
            return "";
        }
        int offset = (int) header.getLong(8);
        return offset == 0 ? "" : new String(bytes, offset, header.getInt(HEADER_SIZE), StandardCharsets.UTF_8);
    }
}
