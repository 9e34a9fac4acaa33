package labeler.guard.judge;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import labeler.json.Json.JsonObject;
import labeler.lifecycle.follow.FollowedHost;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * In each flow the service is killed before and after each write of its journal, and when qemu has got a command and the
 * answer has not come: each time the next service brings labels and holds to what the qemu then has. All flows have the
 * same qemu, which lives through them all. The short form takes one of the three moments for each flow, by chance;
 * {@code -Dlabeler.all-kill-points=true} all of them.
 */
@Timeout(600)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KilledServiceTest {
    /** More than any of the commands writes, or sends. */
    private static final int MOST = 12;

    private static final boolean IS_LONG = Boolean.getBoolean("labeler.all-kill-points");

    private final long seed = Long.getLong("labeler.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /** Where the service is killed. */
    private enum Moment {
        BEFORE_WRITE,
        AFTER_WRITE,
        SENT
    }

    private final List<RandomVm> vms = new ArrayList<>();
    private Set<Path> before = Set.of();
    private int points;

    @TempDir
    static Path root;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private FollowedHost host;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private KillableService service;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private RandomVm vm;

    @SuppressWarnings("NullAway.Init") // set before all tests
    private InterruptedCommands commands;

    @SuppressWarnings("NullAway.Init") // the fields are set before all tests
    KilledServiceTest() {}

    @BeforeAll
    void start() throws IOException {
        Path place = root.resolve("host");
        host = new FollowedHost(place);
        JudgedQemu.make(host, "base", "");
        RandomVm.make(host, "one");
        commands = new InterruptedCommands(host);
        service = new KillableService(host, vms);
        before = new HashSet<>(service.model().labels().keySet());
        vm = new RandomVm(host, Files.createDirectory(place.resolve("one")), "one", "\"auto-read-only\":true");
        vms.add(vm);
        service.check();
    }

    @AfterAll
    void end() throws IOException {
        System.out.println("killed at " + points + " points, seed " + seed);
        try {
            service.end(before);
        } finally {
            vm.close();
            host.close();
        }
    }

    private static List<String> flows() {
        return InterruptedCommands.names();
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("flows")
    void the_next_service_makes_labels_and_holds_what_qemu_needs(String flow) throws IOException {
        List<Moment> all = List.of(Moment.values());
        for (Moment moment : IS_LONG ? all : List.of(all.get(random.nextInt(all.size())))) {
            atEach(moment, flow);
        }
    }

    /** Until the command is done with no kill. */
    private void atEach(Moment moment, String name) throws IOException {
        InterruptedCommands.Flow flow = commands.of(name);
        for (int n = 1; n < MOST; n++) {
            for (InterruptedCommands.Next ready : flow.before()) {
                makeReady(ready);
            }
            service.check();
            Optional<Step> step = flow.command().after(vm.book(), vm.facts());
            assertThat(step).as("%s %s %s", name, moment, n).isPresent();
            killAt(moment, n);
            Optional<JsonObject> answer = service.ask(vm, step.get().command());
            step.get().done().accept(vm.book());
            rest(step.get());
            eventually("killed, or as promised", () -> service.isKilled() || service.isAsPromised());
            boolean isKilled = service.isKilled();
            service.restart();
            vm.bookAsItIs();
            try {
                service.check();
            } catch (AssertionError e) {
                throw new AssertionError("killed: " + moment + " " + n + " of " + step.get(), e);
            }
            if (!isKilled) {
                assertThat(answer).isPresent();
                assertThat(n)
                        .as("points of %s: %s, %s", step.get(), moment, answer)
                        .isGreaterThan(moment == Moment.SENT ? 1 : 0);
                return;
            }
            points++;
        }
    }

    private void killAt(Moment moment, int n) {
        switch (moment) {
            case BEFORE_WRITE -> service.killAt(n, true);
            case AFTER_WRITE -> service.killAt(n, false);
            case SENT -> service.killWhenSent(vm, n);
        }
    }

    private void makeReady(InterruptedCommands.Next before) throws IOException {
        for (Optional<Step> step = before.after(vm.book(), vm.facts());
                step.isPresent();
                step = before.after(vm.book(), vm.facts())) {
            JsonObject answer = vm.ask(step.get().command());
            // What was not there because of the kill is what it should be.
            assertThat(answer.get("return").isPresent() || answer.toString().contains("not found"))
                    .as("%s: %s", step.get(), answer)
                    .isTrue();
            step.get().done().accept(vm.book());
            rest(step.get());
        }
    }

    /** What a job does by itself is done; one that is ready waits. */
    private void rest(Step step) throws IOException {
        if (step.job().isPresent()) {
            vm.await(step.job().get());
        }
        eventually(
                "no job works",
                () -> vm.facts().jobs().values().stream()
                        .allMatch(status -> status.equals("ready") || status.equals("concluded")));
    }
}
