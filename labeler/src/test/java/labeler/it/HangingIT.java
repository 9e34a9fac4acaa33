package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import labeler.client.ServiceClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One file system does not answer: a frozen ext4, or a FUSE whose server reads nothing. Only VMs on it wait. */
@Timeout(300)
class HangingIT {
    private static final long SIZE = 32L << 20;
    private static final int REQUESTS = 200;

    /**
     * Eight workers are on one file system. Some more threads find out where they hang. Of those that have come there through
     * a link each waits on a thread of its own until the file system is known to hang; 96 requests are at it at a time.
     */
    private static final int MAXIMUM_WORKERS = 96 + 40;

    /** The setting's default. */
    private static final int REQUESTS_AT_A_TIME = 16;

    private final Path temporary;
    private final Images images;

    @AutoClose("closeAndCheckLog")
    private final ServiceFixture service;

    HangingIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("fsfreeze", "mount", "umount", "getfattr", "setfattr");
        Machine.requireLoopDevices();
        images = Images.in(temporary.resolve("images"));
        service = ServiceFixture.started(temporary);
    }

    /** A file system whose changes wait until it is thawed. */
    private record Frozen(Path directory) implements AutoCloseable {
        static Frozen of(Mounted mounted) throws IOException {
            Command.done("sync", "-f", mounted.directory().toString());
            Command.done("fsfreeze", "-f", mounted.directory().toString());
            return new Frozen(mounted.directory());
        }

        @Override
        public void close() throws IOException {
            Command.done("fsfreeze", "-u", directory.toString());
        }
    }

    @Test
    void a_frozen_file_system_keeps_none_but_its_own_vms_waiting() throws Exception {
        try (Mounted mounted = Mounted.ext4(temporary.resolve("there"), SIZE)) {
            Images there = new Images(mounted.directory());
            Path disk = there.labelledRaw("disk");
            Path other = there.labelledRaw("other");
            service.start("there", Images.qemuWithRaw(disk)).ok();
            service.start("here", Images.qemuWithRaw(images.raw("one"))).ok();
            try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor();
                    Frozen frozen = Frozen.of(mounted)) {
                Future<Reply> stopping = executor.submit(() -> service.stop("there"));

                assertThat(service.get("/v1/vms").ok().elements("vms")).hasSizeGreaterThanOrEqualTo(1);
                service.start("meanwhile", Images.qemuWithRaw(images.raw("two")))
                        .ok();
                service.stop("here").ok();
                assertThat(service.answers()).isTrue();

                Reply stopped = stopping.get();
                assertThat(stopped.outcome(disk)).isEqualTo("failed");
                assertThat(stopped.toString()).contains(frozen.directory() + " does not answer");
                Reply refused = service.start("again", Images.qemuWithRaw(other));
                assertThat(refused.text("kind")).isEqualTo("NOT_ANSWERING");
                assertThat(refused.text("message")).contains("ext4", frozen.directory() + " does not answer");
            }
            awaitLabel(disk, Images.HOME);
            service.start("again", Images.qemuWithRaw(disk)).ok();
            service.stop("again").ok();
            assertThat(Attributes.label(disk)).contains(Images.HOME);
            assertThat(Attributes.label(other)).contains(Images.HOME);
        }
    }

    @Test
    void a_start_that_hangs_is_given_up_by_name_and_everything_is_as_before_once_it_can_be() throws Exception {
        try (Mounted mounted = Mounted.ext4(temporary.resolve("there"), SIZE)) {
            Path base = images.labelledRaw("base");
            Path disk = new Images(mounted.directory()).overlay("disk", base);
            Path beside = images.overlay("beside", base);
            try (Frozen frozen = Frozen.of(mounted)) {
                // Declared, since a header must not lead to another directory.
                Reply refused = service.start(
                        "there",
                        Images.qemu(
                                "-drive",
                                Images.disk(disk, "qcow2") + ",backing.driver=raw,backing.file.filename=" + base));

                assertThat(refused.text("kind")).isEqualTo("NOT_ANSWERING");
                assertThat(refused.text("message")).contains(frozen.directory() + " does not answer");
                service.start("beside", Images.qemuWithOverlay(beside)).ok();
                assertThat(service.stop("there").toString()).contains("does not answer");
            }
            awaitGone("there");
            assertThat(Attributes.label(disk)).isEmpty();
            assertThat(service.verify("beside").number("drift")).isZero();
            service.stop("beside").ok();
            assertThat(Attributes.label(base)).contains(Images.HOME);
        }
    }

    @Test
    void the_service_listens_and_starts_vms_before_what_was_left_on_a_frozen_file_system_is_given_back()
            throws Exception {
        try (Mounted mounted = Mounted.ext4(temporary.resolve("there"), SIZE)) {
            Path disk = new Images(mounted.directory()).labelledRaw("disk");
            Process process = new ProcessBuilder("sleep", "600").start();
            service.start("there", Images.qemuWithRaw(disk), process.pid()).ok();
            service.kill();
            process.destroyForcibly().waitFor();
            try (Frozen _ = Frozen.of(mounted)) {
                service.launch();
                eventually("the service answers", service::answers);
                service.start("meanwhile", Images.qemuWithRaw(images.raw("one")))
                        .ok();
                assertThat(Attributes.label(disk)).isNotEqualTo(Optional.of(Images.HOME));
            }
            awaitLabel(disk, Images.HOME);
            eventually("what was left is given back", service::isRecovered);
            service.stop("meanwhile").ok();
        }
    }

    @Test
    void a_fuse_over_a_recorded_path_keeps_none_but_its_own_vms_waiting() throws Exception {
        Path disk = images.labelledRaw("disk");
        Path elsewhere = Images.in(temporary.resolve("elsewhere")).raw("disk");
        service.start("there", Images.qemuWithRaw(disk)).ok();
        try (SilentFuse fuse = SilentFuse.over(images.directory())) {
            Reply stopped = service.stop("there");

            assertThat(stopped.toString()).contains(fuse.directory() + " does not answer");
            service.start("meanwhile", Images.qemuWithRaw(elsewhere)).ok();
            assertThat(service.get("/v1/vms").ok().elements("vms")).isNotEmpty();
            service.stop("meanwhile").ok();
        }
        eventually("the label is given back", () -> isRecovered(disk));
    }

    private boolean isRecovered(Path disk) throws IOException {
        service.post("/v1/recover", "").ok();
        return Attributes.label(disk).equals(Optional.of(Images.HOME));
    }

    @Test
    void what_a_vm_left_in_its_directory_keeps_nobody_waiting_who_stops_it_or_starts_another() throws Exception {
        List<String> qemu = Images.qemuWithRaw(images.raw("disk"));
        service.start("there", qemu).ok();
        // These files cannot be deleted while their file system does not answer.
        Path left = Files.createDirectories(service.runDirectory().resolve("vms/there/left"));
        try (SilentFuse _ = SilentFuse.over(left)) {
            service.stop("there").ok();
            assertThat(service.get("/v1/vms").ok().elements("vms")).isEmpty();
            service.start("there", qemu).ok();
            service.stop("there").ok();

            service.kill();
            service.start();
            service.start("there", qemu).ok();
            service.stop("there").ok();
        }
    }

    @Test
    void two_hundred_requests_for_a_file_system_that_does_not_answer_cost_a_few_threads() throws Exception {
        Path elsewhere = Images.in(temporary.resolve("elsewhere")).raw("disk");
        Path directory = Files.createDirectories(temporary.resolve("silent"));
        // Half of them through a link, which no list of mounts shows.
        Path link = Files.createSymbolicLink(temporary.resolve("link"), directory);
        try (SilentFuse _ = SilentFuse.over(directory);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            CountDownLatch answered = new CountDownLatch(REQUESTS);
            List<Future<ServiceClient.Outcome>> replies = new ArrayList<>();
            for (int i = 0; i < REQUESTS; i++) {
                String name = "vm" + i;
                Path disk = (i % 2 == 0 ? directory : link).resolve("disk" + i);
                replies.add(executor.submit(() -> {
                    try {
                        return service.ask(
                                "/v1/vms/" + name + "/start",
                                ServiceFixture.body(Images.qemuWithRaw(disk), Optional.empty()));
                    } finally {
                        answered.countDown();
                    }
                }));
            }
            long most = 0;
            while (answered.getCount() > 0) {
                most = Math.max(most, workers());
                ServiceFixture.pause(50);
            }
            for (Future<ServiceClient.Outcome> reply : replies) {
                // The service refuses clients beyond the number that it answers at a time.
                if (reply.get() instanceof ServiceClient.Answered answer) {
                    assertThat(new String(answer.body(), StandardCharsets.UTF_8))
                            .contains("NOT_ANSWERING");
                }
            }
            assertThat(most).as("threads that hang").isPositive().isLessThanOrEqualTo(MAXIMUM_WORKERS);
            service.start("meanwhile", Images.qemuWithRaw(elsewhere)).ok();
        }
    }

    /**
     * More than the service has workers for all that is not light. Who waits for one of them waits until the first is told that
     * the file system does not answer, after ten seconds. On a busy machine a start takes as long by itself: then one more
     * service is tried.
     */
    @Test
    void a_start_elsewhere_does_not_wait_while_many_wait_for_a_file_system() throws Exception {
        Path elsewhere = Images.in(temporary.resolve("elsewhere")).raw("disk");
        boolean isFirst = isStartedBeforeOthersAreTold(elsewhere, "silent0");
        for (int i = 1; i < 4 && !isFirst; i++) {
            service.kill();
            service.start();
            isFirst = isStartedBeforeOthersAreTold(elsewhere, "silent" + i);
        }
        assertThat(isFirst).as("a start that nobody keeps waiting").isTrue();
    }

    private boolean isStartedBeforeOthersAreTold(Path elsewhere, String silent) throws Exception {
        Path directory = Files.createDirectories(temporary.resolve(silent));
        service.start("before", Images.qemuWithRaw(elsewhere)).ok();
        service.stop("before").ok();
        boolean isFirst;
        try (SilentFuse _ = SilentFuse.over(directory);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<ServiceClient.Outcome>> replies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                String name = "vm" + i;
                Path disk = directory.resolve("disk" + i);
                replies.add(executor.submit(() -> service.ask(
                        "/v1/vms/" + name + "/start",
                        ServiceFixture.body(Images.qemuWithRaw(disk), Optional.empty()))));
            }
            eventually("all that work at a time are at work there", () -> threads("worker-") >= REQUESTS_AT_A_TIME);

            service.start("meanwhile", Images.qemuWithRaw(elsewhere)).ok();

            isFirst = replies.stream().noneMatch(Future::isDone);
            for (Future<ServiceClient.Outcome> reply : replies) {
                ServiceClient.Outcome _ = reply.get();
            }
        }
        service.stop("meanwhile").ok();
        return isFirst;
    }

    /** More than the service has workers for all that is not light. */
    @Test
    void questions_about_files_there_are_answered_by_its_name_however_many_ask() throws Exception {
        Path elsewhere = Images.in(temporary.resolve("elsewhere")).raw("disk");
        Path directory = Files.createDirectories(temporary.resolve("silent"));
        String question = "{\"file\": \"" + directory.resolve("disk") + "\"}";
        try (SilentFuse fuse = SilentFuse.over(directory);
                ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                replies.add(executor.submit(() -> service.post("/v1/explain", question)));
            }
            service.start("meanwhile", Images.qemuWithRaw(elsewhere)).ok();
            for (Future<Reply> reply : replies) {
                assertThat(reply.get().ok().toString())
                        .contains(fuse.directory() + " does not answer", "notAnswering")
                        .doesNotContain("nothing is there");
            }
        }
    }

    @Test
    void a_scan_of_a_directory_with_such_a_file_system_below_it_asks_nothing_there() throws Exception {
        Path directory = Files.createDirectories(images.directory().resolve("silent"));
        try (SilentFuse _ = SilentFuse.over(directory)) {
            Reply scanned = service.post("/v1/recover/scan", "{\"directory\": \"" + images.directory() + "\"}")
                    .ok();

            assertThat(scanned.number("unseen")).isZero();
        }
    }

    private long workers() throws IOException {
        return threads("files-") + threads("trace");
    }

    private long threads(String name) throws IOException {
        try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(service.pid()), "task"))) {
            return threads.filter(thread -> isNamed(thread, name)).count();
        }
    }

    private static boolean isNamed(Path thread, String name) {
        try {
            return Files.readString(thread.resolve("comm")).startsWith(name);
        } catch (IOException e) {
            // It has just ended.
            return false;
        }
    }

    private static void awaitLabel(Path file, String label) throws IOException {
        eventually(
                "the label of " + file + " is given back",
                () -> Attributes.label(file).equals(Optional.of(label)));
    }

    private void awaitGone(String vm) throws IOException {
        eventually(vm + " is given up", () -> !service.holds(vm));
    }
}
