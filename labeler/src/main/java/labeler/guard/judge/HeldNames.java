package labeler.guard.judge;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.journal.FileHold;
import labeler.linux.HostPath;
import labeler.vm.SetName;

/**
 * The names of a VM's files. qemu knows a file by the name that its command line had, which may be relative to its
 * directory, or one of several; a hold has one name. For the judge's own thread.
 */
final class HeldNames {
    private final Map<String, String> known = new HashMap<>();

    /** The same graph, with the names that holds have for the files of its nodes. */
    BlockGraph named(BlockGraph graph, List<FileHold> holds) {
        List<String> held = holds.stream()
                .flatMap(hold -> hold.path().utf8().stream())
                .distinct()
                .toList();
        Map<String, Node> nodes = new LinkedHashMap<>();
        graph.nodes().forEach((name, node) -> nodes.put(name, named(node, held)));
        // A qemu that lies has ever other names for a file.
        known.keySet().retainAll(graph.nodes().values().stream().map(Node::file).collect(Collectors.toSet()));
        return new BlockGraph(nodes, graph.edges(), graph.devices(), graph.jobs());
    }

    private Node named(Node node, List<String> held) {
        String file = node.file();
        boolean isName = node.isFile() && !file.isEmpty() && !file.startsWith("json:") && !SetName.isMeantBy(file);
        if (!isName || held.contains(file)) {
            return node;
        }
        Optional<String> before = Optional.ofNullable(known.get(file)).filter(held::contains);
        Optional<String> other = before.or(() -> find(file, held).findFirst());
        other.ifPresent(name -> known.put(file, name));
        return new Node(
                node.name(), node.driver(), node.isReadOnly(), node.isDirect(), other.orElse(file), node.backing());
    }

    private static Stream<String> find(String file, List<String> held) {
        return file.startsWith("/")
                ? held.stream().filter(name -> isSame(file, name))
                : held.stream().filter(name -> name.endsWith("/" + file));
    }

    private static boolean isSame(String one, String other) {
        Optional<HostPath> first = HostPath.parse(one.getBytes(StandardCharsets.UTF_8));
        Optional<HostPath> second = HostPath.parse(other.getBytes(StandardCharsets.UTF_8));
        try {
            return first.isPresent()
                    && second.isPresent()
                    && Files.isSameFile(first.get().jdkPath(), second.get().jdkPath());
        } catch (IOException e) {
            // One of them is not there any more, so it is not the other.
            return false;
        }
    }
}
