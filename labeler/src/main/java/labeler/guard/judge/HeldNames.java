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

    /**
     * The same graph, with the names that holds have for the files of its nodes.
     *
     * @param directory to which relative names refer, if that is on record
     */
    BlockGraph named(BlockGraph graph, List<FileHold> holds, Optional<HostPath> directory) {
        List<String> held = holds.stream()
                .flatMap(hold -> hold.path().utf8().stream())
                .distinct()
                .toList();
        Map<String, Node> nodes = new LinkedHashMap<>();
        graph.nodes().forEach((name, node) -> nodes.put(name, named(node, held, directory)));
        // A qemu that lies has ever other names for a file.
        known.keySet().retainAll(graph.nodes().values().stream().map(Node::file).collect(Collectors.toSet()));
        return new BlockGraph(nodes, graph.edges(), graph.devices(), graph.jobs());
    }

    private Node named(Node node, List<String> held, Optional<HostPath> directory) {
        String file = node.file();
        boolean isName = node.isFile() && !file.isEmpty() && !file.startsWith("json:") && !SetName.isMeantBy(file);
        if (!isName || held.contains(file)) {
            return node;
        }
        String whole = whole(file, directory);
        Optional<String> before = Optional.of(whole)
                .filter(held::contains)
                .or(() -> Optional.ofNullable(known.get(file)).filter(held::contains));
        Optional<String> other = before.or(() -> find(whole, held));
        other.ifPresent(name -> known.put(file, name));
        return new Node(
                node.name(),
                node.driver(),
                node.isReadOnly(),
                node.isDirect(),
                other.orElse(whole),
                node.backing(),
                node.isActive());
    }

    private static String whole(String file, Optional<HostPath> directory) {
        return directory
                .flatMap(place -> HostPath.parse(file.getBytes(StandardCharsets.UTF_8))
                        .flatMap(name -> name.from(place).utf8()))
                .orElse(file);
    }

    private static Optional<String> find(String file, List<String> held) {
        if (file.startsWith("/")) {
            return held.stream().filter(name -> isSame(file, name)).findFirst();
        }
        // Where it begins is not known. If several files end so, it could be any of them.
        List<String> like =
                held.stream().filter(name -> name.endsWith("/" + file)).toList();
        return like.stream().findFirst().filter(first -> like.stream().allMatch(other -> isSame(first, other)));
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
