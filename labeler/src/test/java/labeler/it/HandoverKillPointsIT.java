package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.SortedMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service or the launcher is killed with SIGKILL at each step of a hand-over. A disk and a kernel are on a ramfs, a
 * log is to be made there, and a base is elsewhere. At any point there is either a correct VM, or nothing of one: no
 * descriptor in the service, no lock, no copy, no label.
 */
class HandoverKillPointsIT {
    /** Calls of a hand-over beyond {@link KillPointsIT}: for directory, output, copy, peer and sending. */
    private static final List<String> SERVICE_CALLS =
            List.of("mkdir", "fchown", "fchmod", "fsetxattr", "getsockopt", "sendmsg", "write");

    /** The launcher's steps: it asks for the start, asks for the descriptors, has them, and becomes qemu. */
    private static final List<String> LAUNCHER_POINTS =
            List.of("connect 1", "connect 2", "recvmsg 1", "landlock_create_ruleset 1", "landlock_restrict_self 1");

    private static final int MOST = 60;
    private static final String VM = "web1";

    private final Mounted memory;
    private final ServiceFixture service;
    private final Monitor monitor;
    private final Images near;
    private final Path disk;
    private final Path log;
    private final List<String> run;
    private final SortedMap<String, SortedMap<String, String>> before;

    HandoverKillPointsIT(@TempDir Path temporary) throws IOException {
        Machine.requireRootAnd("strace", "qemu-system-x86_64", "qemu-img", "qemu-io", "getfattr", "setfattr");
        Machine.requireLandlock();
        memory = Mounted.ramfs(temporary.resolve("memory"));
        Images far = new Images(memory.directory());
        near = Images.in(temporary.resolve("near"));
        disk = far.overlay("disk", near.labelledRaw("base"));
        Path kernel = far.raw("kernel");
        log = far.path("log");
        before = Attributes.of(near.directory());
        monitor = new Monitor(temporary.resolve("monitor"));
        service = new ServiceFixture(temporary);
        service.trustImagesBelow(temporary);
        service.start();
        run = service.running(
                VM,
                Images.with(
                        List.of(
                                "qemu-system-x86_64",
                                "-M",
                                "pc",
                                "-m",
                                "64",
                                "-nodefaults",
                                "-display",
                                "none",
                                "-S",
                                "-kernel",
                                kernel.toString(),
                                "-drive",
                                Images.disk(disk, "qcow2"),
                                "-chardev",
                                "file,id=log,path=" + log),
                        monitor.options()));
    }

    @AfterEach
    void end() {
        service.close();
        memory.close();
    }

    @Test
    void the_service_is_killed_at_any_of_its_steps() throws IOException {
        int points = 0;
        for (String call : SERVICE_CALLS) {
            boolean killed = true;
            for (int n = 1; killed; n++) {
                assertThat(n).as("times that %s is called", call).isLessThan(MOST);
                String point = "killed at " + call + " " + n;
                try (Launch launch = launch(call, n)) {
                    killed = !service.answers();
                    if (killed) {
                        service.awaitEnd();
                        service.start();
                        points++;
                    }
                    launch.end();
                }
                assertNothingIsLeft(point);
            }
        }
        System.out.println("killed at " + points + " points of a hand-over");
        // At least one of each kind: fewer would mean that none was hit.
        assertThat(points).isGreaterThanOrEqualTo(SERVICE_CALLS.size());
        service.assertNoStackTrace();
    }

    private Launch launch(String call, int n) throws IOException {
        try (Strace _ = Strace.killing(service, call, n)) {
            Launch launch = new Launch(Qemu.start(run));
            launch.await();
            return launch;
        }
    }

    @Test
    void the_launcher_is_killed_at_any_of_its_steps() throws IOException {
        for (String point : LAUNCHER_POINTS) {
            String call = point.split(" ", -1)[0];
            int n = Integer.parseInt(point.split(" ", -1)[1]);
            List<String> killed = Images.with(Strace.killing(call, n), run);
            try (Launch launch = new Launch(Qemu.start(killed))) {
                launch.await();
                // The guard's place is there before qemu, and goes with the VM.
                eventually("no monitor is left", () -> !Files.exists(monitor.socket()));
            }
            assertNothingIsLeft("launcher killed at " + point);
        }
        service.assertNoStackTrace();
    }

    @Test
    void the_service_is_killed_when_all_is_handed_over_and_the_vm_runs_on_until_its_end() throws IOException {
        try (Launch launch = new Launch(Qemu.start(run))) {
            launch.await();
            service.kill();
            service.start();
            assertThat(launch.isQemu()).isTrue();
            assertThat(service.verify(VM).number("drift")).isZero();
            assertThat(openThere()).isEmpty();
            launch.end();
        }
        assertNothingIsLeft("killed while the VM runs");
    }

    @Test
    void the_vm_is_killed_together_with_the_service() throws IOException {
        try (Launch launch = new Launch(Qemu.start(run))) {
            launch.await();
            assertThat(copies()).isNotEmpty();
            service.kill();
            launch.end();
            service.start();
        }
        assertNothingIsLeft("both killed");
    }

    /** A launcher that has become qemu, or has ended. */
    private final class Launch implements AutoCloseable {
        private final Qemu qemu;

        private Launch(Qemu qemu) {
            this.qemu = qemu;
        }

        private void await() throws IOException {
            eventually("it is qemu, or has ended", () -> !qemu.isAlive() || (isQemu() && monitor.listens()));
        }

        private boolean isQemu() throws IOException {
            return qemu.isAlive() && qemu.program().startsWith("qemu-system");
        }

        private void end() {
            qemu.kill();
        }

        @Override
        public void close() throws IOException {
            qemu.close();
            Files.deleteIfExists(monitor.socket());
        }
    }

    private void assertNothingIsLeft(String point) throws IOException {
        service.awaitGone(VM);
        awaitNothingOpenThere(point);
        assertThat(copies()).as("copies, %s", point).isEmpty();
        assertThat(Attributes.of(near.directory())).as("labels, %s", point).isEqualTo(before);
        // A lock that is still held would stop this write.
        Command.done("qemu-io", "-c", "write 0 512", disk.toString());
        // A recovery finds only unchanged files, which wait to be forgotten.
        assertThat(service.post("/v1/recover", "").ok().elements("stale"))
                .as(point)
                .allSatisfy(file -> assertThat(file.text("outcome")).contains("reverted"));
        Files.deleteIfExists(log);
    }

    /** Waits for the end of open files there: after a VM's end the headers that it could write are read again. */
    private void awaitNothingOpenThere(String point) throws IOException {
        eventually("no descriptors, " + point, () -> openThere().isEmpty());
    }

    private List<Path> copies() throws IOException {
        Path directory = service.runDirectory().resolve("vms").resolve(VM);
        if (!Files.exists(directory)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.toList();
        }
    }

    private List<String> openThere() throws IOException {
        return new OpenNames(service.pid()).below(memory.directory());
    }
}
