package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A VM lives as long as its process: a real qemu is killed, ended, restarted; the service stops and starts. The promise is one
 * second. On a loaded machine a test can only check that it happens without a request.
 */
class ProcessEndIT {
    private static final String VM = "web1";

    private final Path temporary;
    private final Path overlay;
    private final List<String> argv;
    private final Path tree;
    private final SortedMap<String, SortedMap<String, String>> before;

    @AutoClose
    private final ServiceFixture service;

    /** An overlay on a labelled base. */
    ProcessEndIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "getfattr", "setfattr");
        Images images = Images.in(temporary.resolve("images"));
        overlay = images.overlay("overlay", images.labelledRaw("base"));
        argv = Images.qemuWithOverlay(overlay);
        tree = images.directory();
        before = Attributes.of(tree);
        service = ServiceFixture.started(temporary);
    }

    @Test
    void labels_go_back_when_qemu_is_killed_and_nobody_says_stop() throws IOException {
        try (Qemu qemu = Qemu.start(argv)) {
            service.start(VM, argv, qemu.pid()).ok();
            assertThat(service.get("/v1/vms/" + VM).number("pid")).isEqualTo(qemu.pid());

            qemu.kill();
            service.awaitGone(VM);

            assertThat(Attributes.of(tree)).isEqualTo(before);
        }
    }

    @Test
    void a_process_that_has_ended_already_is_refused() throws IOException {
        long pid;
        try (Qemu qemu = Qemu.start(argv)) {
            pid = qemu.pid();
        }

        Command refused = service.cli(Images.with(List.of("start", VM, "--pid", Long.toString(pid), "--"), argv));

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.line()).contains("no process " + pid);
        assertThat(Attributes.of(tree)).isEqualTo(before);
    }

    @Test
    void run_becomes_qemu_in_the_same_process_and_its_end_gives_the_labels_back() throws IOException {
        try (Qemu run = Qemu.start(run(argv))) {
            eventually("qemu runs", () -> run.program().equals("qemu-system-x86_64"));

            Reply held = service.get("/v1/vms/" + VM).ok();
            assertThat(held.number("pid")).isEqualTo(run.pid());
            assertThat(Attributes.label(overlay)).contains(held.text("imageContext"));
            eventually("qemu has its disk open", () -> targets(run).contains(overlay.toString()));
            // qemu must keep nothing of the JVM: no jar, no socket to the service, no descriptor of a file.
            assertThat(targets(run)).noneMatch(target -> target.contains(ServiceFixture.DIST.toString()));
            assertThat(targets(run).stream().filter(target -> target.startsWith("socket:")))
                    .as("its monitor, and the guard's connection to it")
                    .hasSizeBetween(1, 2);
            eventually("qemu takes SIGTERM", run::takesSigterm);

            assertThat(run.terminate()).isZero();
            service.awaitGone(VM);
            assertThat(Attributes.of(tree)).isEqualTo(before);
        }
    }

    @Test
    void qemu_has_the_same_descriptors_signals_and_limits_under_run_as_without() throws IOException {
        List<String> alone;
        List<String> surroundings;
        // Under run it has a monitor.
        List<String> monitored =
                Images.with(argv, List.of("-qmp", "unix:" + temporary.resolve("alone") + ",server=on,wait=off"));
        try (Qemu qemu = Qemu.start(monitored)) {
            eventually("qemu has its disk open", () -> targets(qemu).contains(overlay.toString()));
            eventually("qemu takes SIGTERM", qemu::takesSigterm);
            alone = kinds(targets(qemu));
            surroundings = qemu.surroundings();
        }
        try (Qemu run = Qemu.start(run(argv))) {
            eventually("qemu runs", () -> run.program().equals("qemu-system-x86_64"));
            eventually("qemu takes SIGTERM", run::takesSigterm);
            // Beside those: the images are handed over, and the monitor is there, with the guard at it.
            assertThat(withoutOwn(kinds(targets(run)))).isEqualTo(withoutOwn(alone));
            assertThat(run.surroundings()).isEqualTo(surroundings);
        }
    }

    private static List<String> withoutOwn(List<String> kinds) {
        return kinds.stream()
                .filter(kind -> !kind.contains("/images/") && !kind.startsWith("socket:"))
                .toList();
    }

    @Test
    void a_qemu_that_is_not_there_is_named_and_nothing_is_labelled() throws IOException {
        Command ended = service.cli(List.of("run", VM, "--", "/nowhere/qemu-system-x86_64", "-M", "none"));

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.line()).contains("/nowhere/qemu-system-x86_64");
        assertThat(service.holds(VM)).isFalse();
        assertThat(Attributes.of(tree)).isEqualTo(before);
    }

    @Test
    void a_program_that_cannot_be_executed_gives_the_labels_back() throws IOException {
        Path broken = temporary.resolve("qemu-system-x86_64");
        Files.writeString(broken, "\u007fELF and nothing more");
        assertThat(broken.toFile().setExecutable(true)).isTrue();
        List<String> brokenArgv = new ArrayList<>(argv);
        brokenArgv.set(0, broken.toString());

        Command ended = service.cli(Images.with(List.of("run", VM, "--"), brokenArgv));

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains(broken + " cannot be executed");
        service.awaitGone(VM);
        assertThat(Attributes.of(tree)).isEqualTo(before);
    }

    @Test
    void a_refused_run_starts_no_qemu() throws IOException {
        int told = 42;
        Path program = temporary.resolve("qemu-system-x86_64");
        Files.writeString(program, "#!/bin/sh\nexit " + told + "\n");
        assertThat(program.toFile().setExecutable(true)).isTrue();
        service.start("other", argv).ok();
        List<String> second = new ArrayList<>(argv);
        second.set(0, program.toString());

        Command refused = service.cli(Images.with(List.of("run", VM, "--"), second));

        assertThat(refused.exitCode()).isEqualTo(4);
        assertThat(refused.line()).contains(overlay.toString(), "other");
        service.stop("other").ok();
        // The same program starts if nothing prevents it. Its exit code shows that.
        assertThat(service.cli(Images.with(List.of("run", VM, "--"), second)).exitCode())
                .isEqualTo(told);
        service.awaitGone(VM);
    }

    @Test
    void a_vm_outlives_the_service_whether_that_ends_well_or_not() throws IOException {
        try (Qemu qemu = Qemu.start(argv)) {
            service.start(VM, argv, qemu.pid()).ok();

            assertThat(service.terminate()).isZero();
            service.start();
            assertThat(service.verify(VM).number("drift")).isZero();
            service.kill();
            service.start();
            assertThat(service.verify(VM).number("drift")).isZero();
            assertThat(qemu.isAlive()).isTrue();

            qemu.kill();
            service.awaitGone(VM);
            assertThat(Attributes.of(tree)).isEqualTo(before);
        }
    }

    @Test
    void a_vm_that_ended_while_no_service_ran_is_cleared_up_by_the_next() throws IOException {
        try (Qemu qemu = Qemu.start(argv)) {
            service.start(VM, argv, qemu.pid()).ok();
            service.kill();
            qemu.kill();
            assertThat(Attributes.of(tree)).isNotEqualTo(before);

            service.start();

            assertThat(service.holds(VM)).isFalse();
            assertThat(Attributes.of(tree)).isEqualTo(before);
            assertThat(service.log()).contains("recovered VM " + VM);
        }
    }

    private List<String> run(List<String> qemu) {
        return service.running(VM, qemu);
    }

    /** The targets of a process's descriptors. */
    private static List<String> targets(Qemu qemu) throws IOException {
        return new OpenNames(qemu.pid()).all();
    }

    /** The targets without the numbers of pipes and sockets, which differ in every process. */
    private static List<String> kinds(List<String> targets) {
        return targets.stream()
                .map(target -> target.replaceAll("[0-9]+", "N"))
                .sorted()
                .toList();
    }
}
