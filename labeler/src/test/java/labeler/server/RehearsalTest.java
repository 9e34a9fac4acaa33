package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import labeler.config.ServiceConfig;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.needs.Need;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plans of a VM that nobody has, before the first real one. */
@Timeout(60)
final class RehearsalTest {
    private static final Path QEMU_IMG = Path.of("/usr/bin/qemu-img");

    private final Path run;
    private final FakeDefinitions definitions = new FakeDefinitions();
    private final CountDownLatch recovered = new CountDownLatch(1);
    private final CountDownLatch planned = new CountDownLatch(1);
    private final CountDownLatch goesOn = new CountDownLatch(1);

    RehearsalTest(@TempDir Path run) {
        this.run = run;
    }

    /** Stops in its first plan until the test goes on. */
    private final FakeLifecycle lifecycle = new FakeLifecycle() {
        @Override
        public void awaitRecovery() {
            await(recovered);
        }

        // Not synchronized with what is asked of it meanwhile.
        @Override
        @SuppressWarnings("UnsynchronizedOverridesSynchronized")
        public PlanOutcome plan(StartRequest request) {
            planned.countDown();
            await(goesOn);
            return super.plan(request);
        }
    };

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Rehearsal rehearsal() {
        ServiceConfig defaults = ServiceConfig.DEFAULT;
        return new Rehearsal(
                lifecycle,
                definitions,
                new ServiceConfig(
                        defaults.socket(),
                        defaults.group(),
                        defaults.stateDirectory(),
                        run,
                        defaults.threads(),
                        List.of()));
    }

    private List<Path> left() throws IOException {
        try (var files = Files.list(run)) {
            return files.toList();
        }
    }

    @Test
    void plansSomeTimesAfterTheRecoveryAndLeavesNothing() throws Exception {
        // As a service that was killed leaves it.
        Files.createDirectories(run.resolve("rehearsal/below"));
        try (Rehearsal rehearsal = rehearsal()) {
            rehearsal.begin();
            assertThat(lifecycle.plans()).isEmpty();
            recovered.countDown();
            goesOn.countDown();
            eventually(() -> left().isEmpty() && !lifecycle.plans().isEmpty());
        }
        assertThat(lifecycle.plans())
                .hasSize(20)
                .allMatch(request -> request.pid().isEmpty());
        assertThat(definitions.commandLines()).hasSize(10);
    }

    @Test
    void imagesAreChainsThatQemuUnderstands() throws Exception {
        Need.requireProgram(QEMU_IMG);
        try (Rehearsal rehearsal = rehearsal()) {
            recovered.countDown();
            rehearsal.begin();
            planned.await();
            for (String argument : arguments()) {
                String image = argument.substring("file=".length(), argument.indexOf(','));
                assertThat(qemuImg("info", "--backing-chain", image).lines())
                        .filteredOn(line -> line.startsWith("image: ") || line.equals("backing file format: qcow2"))
                        .hasSize(3 + 2);
            }
            goesOn.countDown();
        }
    }

    private List<String> arguments() {
        return definitions.commandLines().getFirst().stream()
                .map(argument -> new String(argument, StandardCharsets.UTF_8))
                .filter(argument -> argument.startsWith("file="))
                .toList();
    }

    private String qemuImg(String... arguments) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(Stream.concat(Stream.of(QEMU_IMG.toString()), Arrays.stream(arguments))
                        .toList())
                .directory(run.resolve("rehearsal").toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(20, TimeUnit.SECONDS)).isTrue();
        assertThat(process.exitValue()).as(output).isZero();
        return output;
    }

    @Test
    void endOfTheServiceEndsIt() throws Exception {
        Rehearsal rehearsal = rehearsal();
        recovered.countDown();
        rehearsal.begin();
        planned.await();
        Thread end = Thread.ofPlatform().start(rehearsal::close);
        eventually(() -> end.getState() == Thread.State.TIMED_WAITING);
        goesOn.countDown();
        end.join();
        eventually(() -> left().isEmpty());
        assertThat(lifecycle.plans()).hasSize(1);
    }

    @Test
    void endDoesNotWaitForARecoveryThatHangs() throws Exception {
        Rehearsal rehearsal = rehearsal();
        rehearsal.begin();
        rehearsal.close();
        assertThat(left()).isEmpty();
        recovered.countDown();
        goesOn.countDown();
        eventually(() -> left().isEmpty());
        assertThat(lifecycle.plans()).isEmpty();
    }
}
