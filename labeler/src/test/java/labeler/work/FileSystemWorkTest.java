package labeler.work;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import java.util.stream.IntStream;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Work on two file systems, one of which does not answer until it is told to. */
class FileSystemWorkTest {
    private static final WaitLimits SHORT = new WaitLimits(Duration.ofMillis(200), Duration.ofSeconds(1), 2);
    private static final List<HostPath> THERE = List.of(HostPath.of("/there/disk"));
    private static final HostPath FIRST = HostPath.of("/there/disk");
    private static final HostPath SECOND = HostPath.of("/there/second");
    private static final List<HostPath> HERE = List.of(HostPath.of("/here/disk"));

    private final FakeLinux kernel = new FakeLinux();
    private final FileSystemWork work = new FileSystemWork(kernel.linux().fileSystems(), SHORT);
    private final Linux linux = work.noting(kernel.linux());
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
        work.close();
    }

    private boolean look(List<HostPath> paths) {
        try {
            return linux.open().look(paths.getFirst()).isPresent();
        } catch (LinuxException e) {
            return false;
        }
    }

    private void hang() {
        kernel.faults().beforeNext("statx", () -> await(thawed));
    }

    private FileSystemWork.Outcome<Boolean> ask(List<HostPath> paths, AtomicReference<Boolean> unwanted) {
        return work.run(paths, _ -> look(paths), unwanted::set);
    }

    @Test
    void an_answer_comes_back() {
        assertThat(ask(HERE, new AtomicReference<>())).isEqualTo(new FileSystemWork.Done<>(true));
    }

    @Test
    void work_for_which_there_was_no_thread_keeps_no_room() {
        AtomicInteger without = new AtomicInteger(3);
        ThreadFactory threads = work -> {
            if (without.getAndDecrement() > 0) {
                throw new OutOfMemoryError("unable to create native thread, as a test wants it");
            }
            return new Thread(work);
        };
        try (FileSystemWork poor = new FileSystemWork(kernel.linux().fileSystems(), SHORT, threads)) {
            for (int i = 0; i < 3; i++) {
                assertThatThrownBy(() -> poor.run(HERE, _ -> true, _ -> {})).isInstanceOf(OutOfMemoryError.class);
            }
            assertThat(poor.run(HERE, _ -> true, _ -> {})).isEqualTo(new FileSystemWork.Done<>(true));
        }
    }

    @Test
    void what_hangs_is_named_and_others_are_told_so_at_once_until_it_answers() {
        AtomicReference<Boolean> unwanted = new AtomicReference<>();
        hang();

        assertThat(ask(THERE, unwanted))
                .isInstanceOfSatisfying(
                        FileSystemWork.Late.class,
                        late -> assertThat(late.place().words()).contains("ext4", "/there"));
        assertThat(ask(THERE, unwanted)).isInstanceOf(FileSystemWork.NotBegun.class);
        assertThat(ask(HERE, unwanted)).isEqualTo(new FileSystemWork.Done<>(true));
        assertThat(unwanted.get()).isNull();

        thawed.countDown();
        awaitDone(THERE);
        assertThat(unwanted.get()).isTrue();
    }

    private void awaitDone(List<HostPath> paths) {
        long deadline = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        while (!ask(paths, new AtomicReference<>()).equals(new FileSystemWork.Done<>(true))) {
            assertThat(System.nanoTime()).isLessThan(deadline);
        }
    }

    /** As after a reboot, when thousands of VMs are given back. */
    @Test
    void however_many_wait_a_file_system_that_works_is_not_taken_for_one_that_hangs() throws Exception {
        try (ExecutorService askers = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<FileSystemWork.Outcome<Boolean>>> asked = IntStream.range(0, 40)
                    .mapToObj(_ -> askers.submit(() -> work.run(HERE, _ -> aTenthOfASecond(), _ -> {})))
                    .toList();
            for (Future<FileSystemWork.Outcome<Boolean>> one : asked) {
                assertThat(one.get()).isEqualTo(new FileSystemWork.Done<>(true));
            }
        }
    }

    /** Two at a time: forty of these take twice as long as anybody waits for a file system that hangs. */
    private static boolean aTenthOfASecond() {
        LockSupport.parkNanos(SHORT.call().toNanos() / 10);
        return true;
    }

    @Test
    void work_that_is_led_to_a_file_system_that_hangs_is_refused_there_and_goes_on_elsewhere() {
        hang();
        ask(THERE, new AtomicReference<>());

        FileSystemWork.Outcome<Optional<WorkFileSystem>> led = work.run(
                HERE,
                errand -> {
                    assertThat(look(THERE)).isFalse();
                    assertThat(look(HERE)).isTrue();
                    return errand.refusedBy();
                },
                _ -> {});

        assertThat(led)
                .isInstanceOfSatisfying(
                        FileSystemWork.Done.class,
                        done -> assertThat(done.value().toString()).contains("/there"));
    }

    @Test
    void whoever_asks_whether_the_answer_is_wanted_gets_to_give_it() {
        hang();

        FileSystemWork.Outcome<Boolean> outcome = work.run(
                THERE,
                errand -> {
                    assertThat(errand.isWanted()).isTrue();
                    new Thread(() -> {
                                pause();
                                thawed.countDown();
                            })
                            .start();
                    return look(THERE);
                },
                _ -> {});

        assertThat(outcome).isEqualTo(new FileSystemWork.Done<>(true));
    }

    /** Which files had their turn, each with whether its asker had gone by then; the first one hangs. */
    private Map<HostPath, Boolean> turnsOf(WhenLate whenLate) throws InterruptedException {
        Map<HostPath, Boolean> turns = new ConcurrentHashMap<>();
        CountDownLatch ended = new CountDownLatch(1);
        hang();

        var outcomes = work.each(List.of(FIRST, SECOND), Function.identity(), whenLate, (path, asker) -> {
            work.current().orElseThrow().afterwards(ended::countDown);
            boolean isThere = look(List.of(path));
            turns.put(path, asker.hasGone());
            return isThere;
        });

        assertThat(outcomes).containsOnlyKeys(FIRST, SECOND);
        assertThat(outcomes.values())
                .allSatisfy(outcome -> assertThat(outcome).isInstanceOf(FileSystemWork.Late.class));
        thawed.countDown();
        ended.await();
        return turns;
    }

    @Test
    void what_is_late_ends_before_the_next_file() throws InterruptedException {
        assertThat(turnsOf(WhenLate.END)).isEqualTo(Map.of(FIRST, true));
    }

    @Test
    void what_is_late_goes_on_for_an_asker_that_wants_that() throws InterruptedException {
        assertThat(turnsOf(WhenLate.GO_ON)).isEqualTo(Map.of(FIRST, true, SECOND, true));
    }

    /** What it has begun it takes back, for example. */
    @Test
    void work_whose_asker_has_gone_is_itself_an_asker_that_stays() throws InterruptedException {
        CountDownLatch ended = new CountDownLatch(1);
        Map<HostPath, Boolean> turns = new ConcurrentHashMap<>();
        hang();

        work.run(
                THERE,
                errand -> {
                    errand.afterwards(ended::countDown);
                    look(THERE);
                    return work.each(
                            List.of(FIRST, SECOND),
                            Function.identity(),
                            WhenLate.END,
                            (path, asker) -> turns.put(path, asker.hasGone()) == null);
                },
                _ -> {});
        thawed.countDown();
        ended.await();

        assertThat(turns).isEqualTo(Map.of(FIRST, false, SECOND, false));
    }

    /** Longer than any asker waits without a promise. */
    private static void pause() {
        try {
            Thread.sleep(2 * SHORT.call().toMillis());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
