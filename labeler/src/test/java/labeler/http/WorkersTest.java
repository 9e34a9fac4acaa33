package labeler.http;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import labeler.config.Config;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import labeler.work.WhenLate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Answers on two file systems, one of which does not answer until it is told to. */
class WorkersTest {
    /** Nobody waits so long in a test: what comes to an end here does so while the file system is silent. */
    private static final WaitLimits PATIENT = new WaitLimits(Duration.ofMillis(200), Duration.ofMinutes(10), 8);

    private static final HostPath SILENT = HostPath.of("/there/disk");
    private static final HostPath ELSEWHERE = HostPath.of("/here/disk");
    private static final int THREADS = Config.DEFAULT.service().threads();

    private final FakeLinux kernel = new FakeLinux();
    private final FileSystemWork files = new FileSystemWork(kernel.linux().fileSystems(), PATIENT);
    private final Workers workers = new Workers(Config.DEFAULT.service(), files);
    private final ExecutorService requests = Executors.newVirtualThreadPerTaskExecutor();
    private final CountDownLatch thawed = new CountDownLatch(1);

    @BeforeEach
    void twoFileSystems() {
        kernel.mount("/there");
        kernel.mount("/here");
        kernel.file("/there/disk", new byte[1]);
        kernel.file("/here/disk", new byte[1]);
    }

    @AfterEach
    void end() {
        thawed.countDown();
        requests.close();
        workers.close();
        files.close();
    }

    private boolean look(HostPath path) {
        if (path.equals(SILENT)) {
            await(thawed);
        }
        return true;
    }

    private Future<Boolean> ask(HostPath path) {
        return requests.submit(() -> workers.perform(
                () -> files.run(List.of(path), _ -> look(path), _ -> {}).or(_ -> false)));
    }

    private List<Future<Boolean>> askThereMoreThanThereAreThreads() {
        List<Future<Boolean>> asked = new ArrayList<>();
        for (int i = 0; i < THREADS + 4; i++) {
            asked.add(ask(SILENT));
        }
        return asked;
    }

    @Test
    void however_many_wait_for_a_silent_file_system_an_answer_elsewhere_is_made() throws Exception {
        List<Future<Boolean>> waiting = askThereMoreThanThereAreThreads();

        assertThat(ask(ELSEWHERE).get(1, TimeUnit.MINUTES)).isTrue();

        assertThat(waiting).noneMatch(Future::isDone);
        thawed.countDown();
        for (Future<Boolean> one : waiting) {
            assertThat(one.get()).isTrue();
        }
    }

    @Test
    void those_that_work_on_both_file_systems_at_once_let_others_work_as_well() throws Exception {
        List<Future<?>> waiting = new ArrayList<>();
        for (int i = 0; i < THREADS + 4; i++) {
            waiting.add(requests.submit(() -> workers.perform(
                    () -> files.each(List.of(SILENT, ELSEWHERE), one -> one, WhenLate.END, (one, _) -> look(one)))));
        }

        assertThat(ask(ELSEWHERE).get(1, TimeUnit.MINUTES)).isTrue();

        assertThat(waiting).noneMatch(Future::isDone);
    }

    /** One user has 64 connections. */
    @Test
    void so_many_may_wait_that_no_user_has_more_and_no_more_than_that_have_threads() throws Exception {
        List<Future<Boolean>> waiting = new ArrayList<>();
        for (int i = 0; i < Limits.DEFAULT.connectionsOfUser(); i++) {
            waiting.add(ask(SILENT));
        }
        assertThat(ask(ELSEWHERE).get(1, TimeUnit.MINUTES)).isTrue();
        for (int i = 0; i < 2 * Limits.DEFAULT.connectionsOfUser(); i++) {
            waiting.add(ask(SILENT));
        }

        assertThat(waiting).noneMatch(Future::isDone);
        thawed.countDown();
        for (Future<Boolean> one : waiting) {
            assertThat(one.get()).isTrue();
        }
        assertThat(ask(ELSEWHERE).get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void no_more_work_at_a_time_than_there_are_turns_if_none_waits() throws Exception {
        CountDownLatch begun = new CountDownLatch(THREADS);
        CountDownLatch tooMany = new CountDownLatch(THREADS + 1);
        List<Future<Boolean>> asked = new ArrayList<>();
        for (int i = 0; i < THREADS + 1; i++) {
            asked.add(requests.submit(() -> workers.perform(() -> {
                begun.countDown();
                tooMany.countDown();
                await(thawed);
                return true;
            })));
        }
        begun.await();

        assertThat(tooMany.await(2, TimeUnit.SECONDS)).isFalse();

        assertThat(tooMany.getCount()).isEqualTo(1);
        thawed.countDown();
        for (Future<Boolean> one : asked) {
            assertThat(one.get(1, TimeUnit.MINUTES)).isTrue();
        }
        assertThat(tooMany.getCount()).isZero();
    }

    @Test
    void a_fault_costs_no_turn() {
        for (int i = 0; i <= THREADS; i++) {
            assertThatThrownBy(() -> workers.perform(() -> {
                        throw new IllegalStateException("as a test wants it");
                    }))
                    .isInstanceOf(IllegalStateException.class);
        }
        assertThat(workers.perform(() -> true)).isTrue();
    }

    @Test
    void there_is_no_progress_while_all_are_stuck_and_there_is_when_one_ends() throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch others = new CountDownLatch(1);
        CountDownLatch stuck = new CountDownLatch(THREADS);
        for (int i = 0; i < THREADS; i++) {
            CountDownLatch end = i == 0 ? first : others;
            Future<?> _ = requests.submit(() -> workers.perform(() -> {
                stuck.countDown();
                await(end);
                return true;
            }));
        }
        stuck.await();
        // However many wait behind them.
        for (int i = 0; i < 2 * THREADS; i++) {
            Future<?> _ = requests.submit(() -> workers.perform(() -> {
                await(others);
                return true;
            }));
        }

        Future<?> progress = requests.submit(workers::awaitProgress);

        assertThatThrownBy(() -> progress.get(2, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);
        first.countDown();
        progress.get(1, TimeUnit.MINUTES);
        others.countDown();
    }

    @Test
    void a_service_with_nothing_to_do_is_at_work() throws Exception {
        requests.submit(workers::awaitProgress).get(1, TimeUnit.MINUTES);
    }
}
