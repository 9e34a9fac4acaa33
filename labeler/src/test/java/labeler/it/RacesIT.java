package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import labeler.client.ServiceClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at once. */
class RacesIT {
    private static final int VMS = 64;
    private static final int ROUNDS = 20;

    private final Images images;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    RacesIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr");
        images = Images.in(temporary.resolve("images"));
        service = ServiceFixture.started(temporary);
    }

    @Test
    void of_two_starts_with_one_disk_exactly_one_wins() throws Exception {
        Path disk = images.raw("disk");
        var before = Attributes.of(images.directory());
        for (int round = 0; round < ROUNDS; round++) {
            List<Reply> replies = atOnce(2, i -> () -> service.start("vm" + i, Images.qemuWithRaw(disk)));

            assertThat(replies).extracting(Reply::status).containsExactlyInAnyOrder(200, 409);
            int winner = replies.get(0).status() == 200 ? 0 : 1;
            assertThat(replies.get(1 - winner).text("kind")).isEqualTo("IN_USE");
            assertThat(replies.get(1 - winner).text("message")).contains(disk.toString(), "vm" + winner);
            assertThat(Attributes.label(disk)).contains(replies.get(winner).text("imageContext"));
            service.stop("vm" + winner).ok();
            assertThat(Attributes.of(images.directory())).isEqualTo(before);
        }
    }

    @Test
    void of_two_commands_with_one_name_the_second_is_told_so_by_its_exit_code() throws Exception {
        List<String> first = Images.with(List.of("start", "web1", "--"), Images.qemuWithRaw(images.raw("one")));
        List<String> second = Images.with(List.of("start", "web1", "--"), Images.qemuWithRaw(images.raw("two")));

        List<Command> ended = atOnce(2, i -> () -> service.cli(i == 0 ? first : second));

        assertThat(ended).extracting(Command::exitCode).containsExactlyInAnyOrder(0, 4);
        Command loser =
                ended.stream().filter(one -> one.exitCode() == 4).findFirst().orElseThrow();
        assertThat(loser.line()).contains("web1", "stop it first");
        assertThat(Attributes.of(images.directory()))
                .as("only the winner's image")
                .hasSize(1);
    }

    @Test
    void a_writer_and_a_reader_of_one_file_never_hold_it_together() throws Exception {
        Path base = images.labelledRaw("base");
        Path overlay = images.overlay("overlay", base);
        for (int round = 0; round < ROUNDS; round++) {
            List<Reply> replies = atOnce(
                    2,
                    i -> () -> service.start(
                            "vm" + i, i == 0 ? Images.qemuWithRaw(base) : Images.qemuWithOverlay(overlay)));

            assertThat(replies).extracting(Reply::status).containsExactlyInAnyOrder(200, 409);
            service.stop(replies.get(0).status() == 200 ? "vm0" : "vm1").ok();
            assertThat(Attributes.label(base)).contains(Images.HOME);
        }
    }

    @Test
    void sixty_four_vms_on_one_base_start_and_stop_at_once() throws Exception {
        Path base = images.labelledRaw("base");
        List<Path> overlays = new ArrayList<>();
        for (int i = 0; i < VMS; i++) {
            overlays.add(images.overlay("overlay" + i, base));
        }
        var before = Attributes.of(images.directory());

        List<Reply> started = atOnce(VMS, i -> () -> service.start("vm" + i, Images.qemuWithOverlay(overlays.get(i))));

        assertThat(started).allSatisfy(Reply::ok);
        Set<String> levels = new HashSet<>();
        for (int i = 0; i < VMS; i++) {
            levels.add(started.get(i).text("level"));
            assertThat(Attributes.label(overlays.get(i)))
                    .isEqualTo(Optional.of(started.get(i).text("imageContext")));
        }
        assertThat(levels).as("every VM has a pair of its own").hasSize(VMS);
        assertThat(Attributes.label(base))
                .hasValueSatisfying(label -> assertThat(label).endsWith(":s0"));
        assertThat(service.get("/v1/vms").elements("vms")).hasSize(VMS);

        List<Reply> stopped = atOnce(VMS, i -> () -> service.stop("vm" + i));

        assertThat(stopped).allSatisfy(Reply::ok);
        assertThat(stopped.stream()
                        .filter(reply -> reply.outcome(base).equals("reverted"))
                        .count())
                .as("the last one gives the base back, and nobody before")
                .isEqualTo(1);
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        assertThat(service.get("/v1/vms").elements("vms")).isEmpty();
    }

    @Test
    void a_service_killed_amid_sixty_four_starts_knows_of_each_what_became_of_it() throws Exception {
        Path base = images.labelledRaw("base");
        List<Path> overlays = new ArrayList<>();
        for (int i = 0; i < VMS; i++) {
            overlays.add(images.overlay("overlay" + i, base));
        }
        var before = Attributes.of(images.directory());

        List<ServiceClient.Outcome> answers = atOnce(VMS + 1, i -> () -> {
            if (i == VMS) {
                killAfterAFewStarts();
            }
            return service.ask(
                    "/v1/vms/vm" + i + "/start",
                    ServiceFixture.body(Images.qemuWithOverlay(overlays.get(i % VMS)), Optional.empty()));
        });
        service.start();

        int held = service.get("/v1/vms").ok().elements("vms").size();
        System.out.println("killed amid " + VMS + " starts: " + held + " VMs held");
        for (int i = 0; i < VMS; i++) {
            if (answers.get(i) instanceof ServiceClient.Answered answer && answer.succeeded()) {
                assertThat(service.holds("vm" + i))
                        .as("what was answered stays so")
                        .isTrue();
            }
        }
        for (int i = 0; i < VMS; i++) {
            if (service.holds("vm" + i)) {
                assertThat(service.verify("vm" + i).number("drift")).isZero();
                service.stop("vm" + i).ok();
            } else {
                assertThat(Attributes.label(overlays.get(i))).isEmpty();
            }
        }
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
    }

    private void killAfterAFewStarts() throws IOException {
        eventually(() -> service.get("/v1/vms").elements("vms").size() >= VMS / 8);
        service.kill();
    }

    /** Starts all at the same moment, and waits for all. */
    private static <T> List<T> atOnce(int count, IntFunction<Callable<T>> work)
            throws InterruptedException, ExecutionException {
        CountDownLatch begin = new CountDownLatch(1);
        try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<T>> futures = IntStream.range(0, count)
                    .mapToObj(work)
                    .map(one -> executor.submit(() -> {
                        assertThat(begin.await(Command.LIMIT_SECONDS, TimeUnit.SECONDS))
                                .isTrue();
                        return one.call();
                    }))
                    .toList();
            begin.countDown();
            List<T> results = new ArrayList<>();
            for (Future<T> future : futures) {
                results.add(future.get());
            }
            return results;
        }
    }
}
