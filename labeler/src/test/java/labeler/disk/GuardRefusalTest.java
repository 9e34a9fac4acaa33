package labeler.disk;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import labeler.disk.Outcome.Kind;
import labeler.guard.QmpClient;
import labeler.guard.relay.Command;
import labeler.guard.relay.Judge;
import labeler.guard.relay.Refusal;
import labeler.guard.relay.RelayedQemu;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import labeler.qmp.MonitorClient;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the guard refuses, between a person's command and a real qemu. */
@Timeout(300)
class GuardRefusalTest {
    private static final String REFUSAL = "labeler S9: node b is not below m; query-named-block-nodes shows the chain";

    /** Refuses one command, and nothing else. */
    private record Refusing(String command, String text) implements Judge {
        Refusing(String command) {
            this(command, REFUSAL);
        }

        @Override
        public void judge(PeerIdentity client, Command sent, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
            verdict.accept(
                    sent.name().equals(command)
                            ? new Refuse(Refusal.generic(text))
                            : new Send(sent, descriptors, After.NOTHING));
        }

        @Override
        public void event(String name, JsonObject data) {}

        @Override
        public void ended(String reason) {}
    }

    /**
     * Lets somebody else end a mirror that is ready, just before it is completed.
     *
     * @param other a monitor of the same qemu
     */
    private record Outrun(CompletableFuture<QmpClient> other) implements Judge {
        @Override
        public void judge(PeerIdentity client, Command sent, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
            Send send = new Send(sent, descriptors, After.NOTHING);
            if (!sent.name().equals("job-complete")) {
                verdict.accept(send);
                return;
            }
            String job = sent.arguments().text("id").orElseThrow();
            Thread.ofVirtual().start(() -> {
                try {
                    QmpClient monitor = other.join().negotiated();
                    monitor.write("{\"execute\":\"block-job-cancel\",\"arguments\":{\"device\":\"" + job + "\"}}");
                    monitor.event("BLOCK_JOB_COMPLETED");
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                } finally {
                    verdict.accept(send);
                }
            });
        }

        @Override
        public void event(String name, JsonObject data) {}

        @Override
        public void ended(String reason) {}
    }

    private static Outcome run(Path directory, String refused, Operation operation) throws IOException {
        return run(directory, new Refusing(refused), operation, _ -> {});
    }

    private static Outcome run(Path directory, Judge judge, Operation operation, Consumer<RelayedQemu> begun)
            throws IOException {
        TestImages images = new TestImages(directory);
        List<String> options = List.of(
                "-M",
                "q35",
                "-blockdev",
                "driver=qcow2,node-name=top,file.driver=file,file.filename=" + images.path("top"),
                "-device",
                "virtio-blk-pci,drive=top,id=vd0");
        try (RelayedQemu qemu = new RelayedQemu(directory, options, _ -> judge);
                MonitorClient monitor =
                        ((MonitorClient.Open) MonitorClient.open(HostPath.of(qemu.guarded()))).monitor()) {
            begun.accept(qemu);
            return new DiskSession(monitor, () -> false, _ -> {}, _ -> {})
                    .run(operation, "vd0", Names.random(new Random()), true);
        }
    }

    @Test
    void a_refusal_is_shown_as_it_is(@TempDir Path directory) throws IOException {
        TestImages.made(directory);

        Outcome outcome = run(directory, "block-commit", new Commit(Optional.empty(), Optional.empty(), 0));

        assertThat(outcome.kind()).isEqualTo(Kind.REFUSED);
        assertThat(outcome.message()).isEqualTo(REFUSAL);
    }

    /** Both rules are about other VMs, and only a label may be one that a VM has left. */
    @ParameterizedTest
    @CsvSource({
        "labeler S1: /vm/b: in use by VM db1, CONFLICT",
        "labeler S2: /vm/b: VM db1 reads it, CONFLICT",
        "labeler S1: a left label: /vm/b: a pair, REFUSED",
        "labeler S13: /vm/b: a file of the VM, REFUSED",
        "in use by VM db1, FAILED"
    })
    void a_file_of_another_vm_is_a_conflict(String text, Kind kind, @TempDir Path directory) throws IOException {
        TestImages.made(directory);

        Outcome outcome = run(
                directory,
                new Refusing("block-commit", text),
                new Commit(Optional.empty(), Optional.empty(), 0),
                _ -> {});

        assertThat(outcome.kind()).isEqualTo(kind);
        assertThat(outcome.message()).isEqualTo(text);
    }

    @Test
    void a_pivot_that_is_refused_ends_the_job_and_leaves_the_disk(@TempDir Path directory) throws IOException {
        TestImages images = TestImages.made(directory);

        Outcome outcome = run(directory, "job-complete", new Mirror(images.path("copy"), "qcow2", true, 0));

        assertThat(outcome.kind()).isEqualTo(Kind.REFUSED);
        assertThat(outcome.message()).startsWith(REFUSAL + "; the disk is as before");
        assertThat(outcome.drive().orElseThrow().node()).contains("top");
        images.assertAsBefore("top", "qcow2");
    }

    /** The event is the same as after a pivot. */
    @Test
    void a_mirror_that_somebody_else_ends_has_not_changed_the_disk(@TempDir Path directory) throws IOException {
        TestImages images = TestImages.made(directory);
        CompletableFuture<QmpClient> other = new CompletableFuture<>();

        Outcome outcome = run(directory, new Outrun(other), new Mirror(images.path("copy"), "qcow2", true, 0), qemu -> {
            try {
                other.complete(qemu.directClient());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });

        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.FAILED);
        assertThat(outcome.message()).contains("the disk is as before");
        assertThat(outcome.drive().orElseThrow().node()).contains("top");
    }

    @Test
    void through_the_relay_all_is_as_without(@TempDir Path directory) throws IOException {
        TestImages images = TestImages.made(directory);

        Outcome outcome = run(directory, "none", new Commit(Optional.empty(), Optional.empty(), 0));

        assertThat(outcome.kind()).as("%s", outcome).isEqualTo(Kind.DONE);
        images.assertAsBefore("base", "qcow2");
    }
}
