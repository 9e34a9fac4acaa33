package labeler.guard.relay;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.guard.graph.BlockDevice;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Edge;
import labeler.guard.graph.Node;
import labeler.guard.sense.CommandReader;
import labeler.guard.sense.ImpliedArguments;
import labeler.guard.sense.NameRules;
import labeler.guard.sense.NodeFiles;
import labeler.guard.sense.Objection;
import labeler.guard.sense.Permissions;
import labeler.guard.sense.Situation;
import labeler.guard.table.CommandTable;
import labeler.guard.table.QemuSchema;
import labeler.guard.table.QmpTable;
import labeler.guard.wire.QmpDecoder;
import labeler.json.Json;
import labeler.json.JsonWriter;
import labeler.linux.HostPath;

/**
 * What a client sends, by chance: its framing, and its meaning in the light of a fixed state. {@code ./dev fuzz} has
 * Jazzer call it, for the target that the property {@code labeler.fuzz.target} names.
 */
public final class GuardFuzz {
    private static final String FRAMING = "QMP";
    private static final String MEANING = "COMMAND";

    private static final int LONGEST_MESSAGE = 2_000;

    private static final Consumer<byte[]> TARGET = target(System.getProperty("labeler.fuzz.target", FRAMING));

    private GuardFuzz() {}

    static Consumer<byte[]> target(String name) {
        return switch (name) {
            case FRAMING -> GuardFuzz::framing;
            case MEANING -> new Meanings(table(), situation());
            default -> throw new IllegalArgumentException(name);
        };
    }

    static List<String> targets() {
        return List.of(FRAMING, MEANING);
    }

    /** By this name and signature Jazzer finds it. */
    public static void fuzzerTestOneInput(byte[] input) {
        TARGET.accept(input);
    }

    /** Writes the seeds of all targets to a directory, and their names to the output. */
    public static void main(String... arguments) throws IOException {
        for (String target : targets()) {
            Path seeds = Files.createDirectories(Path.of(arguments[0], target));
            for (int i = 0; i < seeds().size(); i++) {
                Files.write(seeds.resolve("seed" + i), seeds().get(i));
            }
            System.out.println(target);
        }
    }

    /** Commands as a manager sends them, of each kind that is read. */
    static List<byte[]> seeds() {
        return SEEDS.lines().map(line -> line.getBytes(StandardCharsets.UTF_8)).toList();
    }

    /** However the bytes are cut, the same comes out; and what is written again is read as the same. */
    private static void framing(byte[] input) {
        List<QmpDecoder.Decoded> whole = new QmpDecoder().feed(input, input.length);
        require(whole.size() <= input.length, "more values than bytes");
        QmpDecoder bytewise = new QmpDecoder();
        List<QmpDecoder.Decoded> pieces = new ArrayList<>();
        for (byte one : input) {
            pieces.addAll(bytewise.feed(new byte[] {one}, 1));
        }
        require(whole.equals(pieces), "another answer to the same bytes in pieces");
        for (QmpDecoder.Decoded decoded : whole) {
            require(decoded.end() <= input.length, "an end behind the end");
            switch (decoded) {
                case QmpDecoder.Malformed(String reason, long _) ->
                    require(reason.length() <= input.length + LONGEST_MESSAGE, "a long reason");
                case QmpDecoder.Whole(Json json, long _) -> again(json);
            }
        }
    }

    private static void again(Json json) {
        byte[] written = (JsonWriter.compact(json) + "\n").getBytes(StandardCharsets.UTF_8);
        List<QmpDecoder.Decoded> read = new QmpDecoder().feed(written, written.length);
        require(
                read.size() == 1 && read.getFirst() instanceof QmpDecoder.Whole(Json same, long _) && same.equals(json),
                "what qemu gets is not what was judged: " + json);
    }

    /** Judges what a client sends. */
    private record Meanings(QmpTable table, Situation situation) implements Consumer<byte[]> {
        @Override
        public void accept(byte[] input) {
            for (QmpDecoder.Decoded decoded : new QmpDecoder().feed(input, input.length)) {
                if (decoded instanceof QmpDecoder.Whole(Json json, long _)
                        && Command.of(json, true) instanceof Command.Valid(Command command)) {
                    judge(command, input.length);
                }
            }
        }

        private void judge(Command command, int length) {
            switch (table.read(command.name(), command.arguments())) {
                case QmpTable.NotKnown(String what) ->
                    require(what.length() <= length + LONGEST_MESSAGE, "a long message");
                case QmpTable.Known known ->
                    objection(CommandReader.read(
                                    ImpliedArguments.written(
                                            command, situation.nodes().graph()),
                                    known.mentions(),
                                    situation))
                            .ifPresent(Meanings::line);
            }
        }

        private static Optional<Objection> objection(CommandReader.Reading reading) {
            return switch (reading) {
                case CommandReader.Sensible _ -> Optional.empty();
                case CommandReader.Senseless(Objection objection) -> Optional.of(objection);
            };
        }

        /** A refusal goes to a terminal and to a log as one line. */
        private static void line(Objection objection) {
            String message = objection.message();
            require(
                    message.chars().noneMatch(Character::isISOControl),
                    objection.rule() + ": not one line: " + Arrays.toString(message.toCharArray()));
            require(message.codePointCount(0, message.length()) <= LONGEST_MESSAGE, "a long message");
        }
    }

    private static QmpTable table() {
        try {
            return new QmpTable(QemuSchema.ask(), CommandTable.shipped());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A disk with an image over another, one more node on a descriptor, and a throttle. */
    private static Situation situation() {
        Map<String, Node> nodes = Map.of(
                "top", new Node("top", "qcow2", false, false, "/images/top", ""),
                "top-file", new Node("top-file", "file", false, false, "/images/top", ""),
                "base", new Node("base", "qcow2", true, false, "/images/base", ""),
                "base-file", new Node("base-file", "file", true, false, "/images/base", ""),
                "free", new Node("free", "qcow2", false, false, "json:{\"file\":1}", ""),
                "free-file", new Node("free-file", "file", false, true, "/dev/fdset/1000001", ""),
                "slow", new Node("slow", "throttle", false, false, "", ""));
        List<Edge> edges = List.of(
                new Edge("block-backend vd0", "slow", "root", true),
                new Edge("slow", "top", "file", true),
                new Edge("top", "top-file", "file", true),
                new Edge("top", "base", "backing", false),
                new Edge("base", "base-file", "file", false),
                new Edge("free", "free-file", "file", true));
        NodeFiles files = new NodeFiles(
                new BlockGraph(nodes, edges, List.of(new BlockDevice("vd0", "", "slow", false)), Map.of()),
                Map.of(1_000_001L, HostPath.of("/images/free")));
        NameRules names = new NameRules(
                NameRules.Places.of(List.of(HostPath.of("/images")), List.of()), HostPath.of("/run/vm"), true);
        return new Situation(files, names, Permissions.of(List.of()), Map.of("given", 1L));
    }

    private static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }

    private static final String SEEDS = """
            {"execute":"qmp_capabilities","arguments":{"enable":["oob"]}}
            {'execute':'query-status','id':{'a':[1,-0.5e3,null,true,'\\u00e9\\n']}}
            {"exec-oob":"query-yank"}
            {"execute":"blockdev-add","arguments":{"driver":"qcow2","node-name":"n","file":{"driver":"file","filename":"/images/n"},"backing":null}}
            {"execute":"blockdev-add","arguments":{"driver":"raw","node-name":"n","file":"free-file","read-only":true}}
            {"execute":"blockdev-reopen","arguments":{"options":[{"driver":"qcow2","node-name":"base","file":"base-file","read-only":false}]}}
            {"execute":"blockdev-create","arguments":{"job-id":"j","options":{"driver":"qcow2","file":"free-file","size":65536,"backing-file":"/images/top","backing-fmt":"qcow2"}}}
            {"execute":"blockdev-snapshot-sync","arguments":{"device":"vd0","snapshot-file":"/images/s","snapshot-node-name":"s","format":"qcow2"}}
            {"execute":"transaction","arguments":{"actions":[{"type":"blockdev-snapshot","data":{"node":"top","overlay":"free"}}]}}
            {"execute":"block-commit","arguments":{"job-id":"c","device":"vd0","top-node":"top","base-node":"base","backing-file":"/images/base"}}
            {"execute":"block-stream","arguments":{"job-id":"s","device":"top","base-node":"base","backing-file":"/images/base"}}
            {"execute":"drive-mirror","arguments":{"job-id":"m","device":"vd0","target":"/images/m","sync":"full","format":"qcow2"}}
            {"execute":"blockdev-mirror","arguments":{"job-id":"m","device":"vd0","target":"free","sync":"top"}}
            {"execute":"blockdev-backup","arguments":{"job-id":"b","device":"vd0","target":"free","sync":"none"}}
            {"execute":"change-backing-file","arguments":{"device":"vd0","image-node-name":"top","backing-file":"/images/base"}}
            {"execute":"blockdev-change-medium","arguments":{"id":"cd","filename":"/images/x.iso","format":"raw","read-only-mode":"read-only"}}
            {"execute":"object-add","arguments":{"qom-type":"memory-backend-file","id":"o","mem-path":"/images/mem","size":4096}}
            {"execute":"chardev-add","arguments":{"id":"c","backend":{"type":"socket","data":{"addr":{"type":"unix","data":{"path":"/run/vm/c"}}}}}}
            {"execute":"netdev_add","arguments":{"type":"tap","id":"n","script":"no","downscript":"no"}}
            {"execute":"device_add","arguments":{"driver":"virtio-blk-pci","drive":"free","id":"d"}}
            {"execute":"block-export-add","arguments":{"type":"nbd","id":"e","node-name":"top","writable":true}}
            {"execute":"nbd-server-start","arguments":{"addr":{"type":"unix","data":{"path":"/run/vm/nbd"}}}}
            {"execute":"migrate","arguments":{"uri":"file:/images/state,offset=0x1000"}}
            {"execute":"migrate","arguments":{"channels":[{"channel-type":"main","addr":{"transport":"file","filename":"/images/state","offset":0}}]}}
            {"execute":"migrate-incoming","arguments":{"uri":"fd:given"}}
            {"execute":"dump-guest-memory","arguments":{"paging":false,"protocol":"file:/images/dump"}}
            {"execute":"screendump","arguments":{"filename":"/images/p.ppm"}}
            {"execute":"closefd","arguments":{"fdname":"given"}}
            {"execute":"remove-fd","arguments":{"fdset-id":1}}
            {"execute":"qom-set","arguments":{"path":"/objects/o","property":"p","value":{"a":[1]}}}
            {"execute":"human-monitor-command","arguments":{"command-line":"info block"}}""";
}
