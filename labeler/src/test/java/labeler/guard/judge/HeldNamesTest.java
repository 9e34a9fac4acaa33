package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.chain.Access;
import labeler.chain.ImageFormat;
import labeler.guard.graph.BlockGraph;
import labeler.guard.graph.Node;
import labeler.guard.record.AuditEvent;
import labeler.lifecycle.follow.FollowedHost;
import labeler.linux.HostPath;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** qemu tells of a file by the name that its command line had. */
class HeldNamesTest {
    private final Path root;

    @AutoClose
    private final FollowedHost host;

    HeldNamesTest(@TempDir Path root) throws IOException {
        this.root = root;
        host = new FollowedHost(root);
    }

    /** A base, and a top whose header names it as what is beside. */
    private static void chain(Path directory) throws IOException {
        Files.createDirectories(directory);
        RuleBed.qemuImg("create", "-q", "-f", "qcow2", directory.resolve("base"), "4M");
        RuleBed.qemuImg(
                "create", "-q", "-u", "-f", "qcow2", "-b", "base", "-F", "qcow2", directory.resolve("top"), "4M");
    }

    private static List<String> nodes(String name, String directory) {
        return List.of(
                file(name + "-base-file", directory + "base"),
                "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "-base\",\"file\":\"" + name
                        + "-base-file\",\"backing\":null,\"read-only\":true}",
                file(name + "-file", directory + "top"),
                "{\"driver\":\"qcow2\",\"node-name\":\"" + name + "\",\"file\":\"" + name + "-file\",\"backing\":\""
                        + name + "-base\"}");
    }

    private static String file(String name, String file) {
        return "{\"driver\":\"file\",\"node-name\":\"" + name + "\",\"filename\":\"" + file
                + "\",\"auto-read-only\":true}";
    }

    @Test
    void a_relative_name_is_of_the_file_in_qemus_directory() throws IOException {
        chain(host.path(""));
        chain(root.resolve("qemu"));
        List<String> nodes = List.of(nodes("far", host.path("") + "/"), nodes("near", "")).stream()
                .flatMap(List::stream)
                .toList();

        try (JudgedQemu vm = new JudgedQemu(
                host, root, nodes, List.of("virtio-blk-pci,drive=far,id=vd0", "virtio-blk-pci,drive=near,id=vd1"))) {
            vm.done("{'execute':'block-commit','arguments':{'job-id':'j','device':'near'}}");
            vm.untilJob("j", "ready");

            assertThat(host.label("../qemu/base")).isEqualTo(vm.image());
            assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
            assertThat(vm.entries()).noneMatch(entry -> entry.event() == AuditEvent.DRIFT);
        }
    }

    private void held(String... directories) throws IOException {
        for (String directory : directories) {
            host.start("of-" + directory, host.image(directory + "/disk", ImageFormat.QCOW2, Access.READ_ONLY));
        }
    }

    /** The name of a node on this file, among the holds of these VMs. */
    private String named(String file, String... directories) {
        BlockGraph graph = new BlockGraph(
                Map.of("n", new Node("n", "file", true, false, file, "")), List.of(), List.of(), Map.of());
        return new HeldNames()
                .named(
                        graph,
                        List.of(directories).stream()
                                .flatMap(directory -> host.holds("of-" + directory).stream())
                                .toList(),
                        Optional.empty())
                .node("n")
                .orElseThrow()
                .file();
    }

    /** As of a VM that an older service has started. */
    @Test
    void without_a_directory_a_name_is_of_the_one_file_that_ends_so() throws IOException {
        for (String directory : List.of("a", "b")) {
            Files.createDirectory(host.path(directory));
            JudgedQemu.make(host, directory + "/disk", "");
        }
        Files.createDirectory(host.path("c"));
        Files.createLink(host.path("c/disk"), host.path("a/disk"));
        held("a", "b", "c");

        assertThat(named("disk", "a")).isEqualTo(host.path("a/disk").toString());
        assertThat(named("disk", "a", "b")).isEqualTo("disk");
        assertThat(named("disk", "a", "c")).isEqualTo(host.path("a/disk").toString());
        assertThat(named(host.path("b/disk").toString(), "a", "b"))
                .isEqualTo(HostPath.of(host.path("b/disk")).toString());
    }
}
