package labeler.guard.graph;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import labeler.guard.QmpClient;
import labeler.guard.RealQemu;
import labeler.json.Json;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The graph of a real qemu, in the states through which managers bring it. */
class LookTest {
    @TempDir
    Path directory;

    @BeforeEach
    void images() throws IOException, InterruptedException {
        image("create -f raw base.raw 64M");
        image("create -f qcow2 -b base.raw -F raw middle.qcow2");
        image("create -f qcow2 -b middle.qcow2 -F qcow2 top.qcow2");
    }

    private void image(String arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("qemu-img"));
        command.addAll(List.of(arguments.split(" ")));
        Process process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        assertThat(process.waitFor()).as(arguments).isZero();
    }

    private RealQemu qemu() throws IOException {
        return new RealQemu(
                directory,
                List.of(
                        "-M",
                        "q35",
                        "-blockdev",
                        "driver=qcow2,node-name=top,file.driver=file,file.filename=top.qcow2,file.node-name=file",
                        "-device",
                        "virtio-blk-pci,drive=top,id=disk",
                        "-device",
                        "virtio-scsi-pci,id=hba",
                        "-drive",
                        "file=base.raw,format=raw,if=none,id=drive,readonly=on"));
    }

    private static BlockGraph look(QmpClient client) throws IOException {
        List<Json> answers = new ArrayList<>();
        for (String command : Look.COMMANDS) {
            String arguments = command.equals("query-named-block-nodes") ? ",\"arguments\":{\"flat\":true}" : "";
            answers.add(client.done("{\"execute\":\"" + command + "\"" + arguments + "}"));
        }
        return new Look(answers.get(0), answers.get(1), answers.get(2), answers.get(3)).read();
    }

    private static List<String> files(BlockGraph graph, List<Node> images) {
        return images.stream()
                .flatMap(image -> graph.files(image.name()).stream())
                .map(Node::file)
                .toList();
    }

    private static List<Node> chain(BlockGraph graph) {
        return graph.device("disk").map(graph::chain).orElseThrow();
    }

    @Test
    void a_disk_has_its_chain_and_each_image_its_file() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            BlockGraph graph = look(client);

            assertThat(files(graph, chain(graph))).containsExactly("top.qcow2", "middle.qcow2", "base.raw");
            assertThat(graph.driveOrNode("top")).contains(chain(graph).getFirst());
            assertThat(files(graph, graph.drive("drive").map(graph::chain).orElseThrow()))
                    .containsExactly("base.raw");
            assertThat(graph.isWritten(graph.files("top").getFirst())).isTrue();
            assertThat(chain(graph).stream().skip(1))
                    .allMatch(image -> image.isReadOnly()
                            && graph.files(image.name()).stream().noneMatch(graph::isWritten));
            assertThat(graph.overlays(chain(graph).get(1).name()))
                    .extracting(Node::name)
                    .containsExactly("top");
        }
    }

    @Test
    void a_snapshot_is_the_new_top_and_the_old_one_is_only_read() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            client.done("""
                    {"execute":"blockdev-snapshot-sync","arguments":{"node-name":"top",
                     "snapshot-file":"new.qcow2","format":"qcow2","snapshot-node-name":"new"}}""");
            BlockGraph graph = look(client);

            assertThat(files(graph, chain(graph)))
                    .containsExactly(
                            directory.resolve("new.qcow2").toString().replace(directory + "/", ""),
                            "top.qcow2",
                            "middle.qcow2",
                            "base.raw");
            assertThat(graph.isWritten(graph.files("top").getFirst())).isFalse();
        }
    }

    @Test
    void a_commit_writes_to_its_base_while_it_runs() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            String middle = chain(look(client)).get(1).name();
            String base = chain(look(client)).get(2).name();
            client.done(
                    "{\"execute\":\"block-commit\",\"arguments\":{\"job-id\":\"j\",\"device\":\"top\",\"top-node\":\""
                            + middle + "\",\"auto-finalize\":false}}");
            client.event("BLOCK_JOB_PENDING");
            BlockGraph graph = look(client);

            assertThat(graph.jobs().get("j")).isEqualTo(new Job("j", "commit", "pending"));
            assertThat(graph.isWritten(graph.files(base).getFirst())).isTrue();
            assertThat(files(graph, chain(graph))).containsExactly("top.qcow2", "middle.qcow2", "base.raw");

            client.done("{\"execute\":\"job-finalize\",\"arguments\":{\"id\":\"j\"}}");
            BlockGraph after = look(client);
            assertThat(files(after, chain(after))).containsExactly("top.qcow2", "base.raw");
            assertThat(after.jobs()).isEmpty();
            assertThat(after.isWritten(after.files(base).getFirst())).isFalse();
        }
    }

    @Test
    void a_mirror_has_a_filter_that_is_passed_over() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            client.done("""
                    {"execute":"drive-mirror","arguments":{"job-id":"j","device":"top","target":"copy.qcow2",
                     "format":"qcow2","sync":"full","node-name":"copy"}}""");
            client.event("BLOCK_JOB_READY");
            BlockGraph graph = look(client);

            assertThat(files(graph, chain(graph))).containsExactly("top.qcow2", "middle.qcow2", "base.raw");
            assertThat(graph.isWritten(graph.files("copy").getFirst())).isTrue();

            client.write("{\"execute\":\"job-complete\",\"arguments\":{\"id\":\"j\"}}");
            client.await(message -> message.text("event").orElse("").equals("JOB_STATUS_CHANGE")
                    && message.toString().contains("null"));
            assertThat(files(look(client), chain(look(client)))).containsExactly("copy.qcow2");
        }
    }

    /** qemu keeps the names of jobs and those of nodes apart. */
    @Test
    void a_job_with_the_name_of_a_node_is_not_that_node() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            client.done("""
                    {"execute":"block-stream","arguments":{"job-id":"top","device":"top","auto-finalize":false}}""");
            client.event("BLOCK_JOB_PENDING");
            BlockGraph graph = look(client);

            assertThat(graph.jobs()).containsKey("top");
            assertThat(graph.isPossible()).isTrue();
            assertThat(files(graph, chain(graph))).containsExactly("top.qcow2", "middle.qcow2", "base.raw");
            assertThat(graph.below("top")).extracting(Edge::role).containsExactlyInAnyOrder("file", "backing");
        }
    }

    /** A device may have the name of a drive or of a node. */
    @Test
    void a_name_is_that_of_a_drive_a_device_or_a_node() throws IOException {
        try (RealQemu qemu = qemu();
                QmpClient client = qemu.client(qemu.monitor()).negotiated()) {
            client.done("""
                    {"execute":"blockdev-add","arguments":{"driver":"null-co","node-name":"disk"}}""");
            client.done("""
                    {"execute":"device_add","arguments":{"driver":"scsi-hd","id":"drive","drive":"disk","bus":"hba.0"}}""");
            BlockGraph graph = look(client);

            assertThat(graph.driveOrNode("drive"))
                    .isEqualTo(graph.drive("drive"))
                    .isPresent();
            assertThat(graph.device("drive")).isEqualTo(graph.node("disk")).isPresent();
            assertThat(graph.device("/machine/peripheral/drive")).isEqualTo(graph.node("disk"));
            assertThat(graph.driveOrNode("disk")).isEqualTo(graph.node("disk"));
            assertThat(graph.device("disk")).isEqualTo(graph.node("top"));
            assertThat(graph.device("/machine/peripheral/disk")).isEqualTo(graph.node("top"));
            assertThat(graph.device("/machine/peripheral/disk/virtio-backend")).isEqualTo(graph.node("top"));
            assertThat(graph.node("drive")).isEmpty();
            assertThat(graph.drive("disk")).isEmpty();
            assertThat(graph.drive("")).isEmpty();
            assertThat(graph.device("")).isEmpty();
        }
    }

    @Test
    void what_is_no_answer_is_no_graph() {
        Json nothing = Json.of("x");

        assertThat(new Look(nothing, nothing, nothing, nothing).read().nodes()).isEmpty();
    }
}
