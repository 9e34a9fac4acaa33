package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import labeler.chain.ImageFormat;
import labeler.linux.fake.FakeLinux.Unsynced;
import labeler.linux.fake.PowerCut;
import labeler.problem.Problem;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The service is killed, or the power fails, at every point of a start and a stop: before each call that changes
 * something, and before and after each write to the journal. Afterwards the next service repairs everything by itself.
 */
class CrashTest {
    @TempDir
    Path temporary;

    private int hosts;

    /** The watch's thread dies with the power, as expected. */
    @BeforeAll
    static void expectPowerCuts() {
        Thread.setDefaultUncaughtExceptionHandler((thread, thrown) -> {
            if (!(thrown instanceof PowerCut)) {
                System.err.println(thread + " ended by " + thrown);
            }
        });
    }

    @AfterAll
    static void expectThemNoMore() {
        Thread.setDefaultUncaughtExceptionHandler(null);
    }

    /** VM one runs. VM two uses the same base. The base has a label of its own, and the overlays have none. */
    private TestHost host() throws IOException {
        TestHost host = new TestHost(temporary.resolve("state" + hosts++));
        host.raw("/vm/base");
        host.kernel.setLabel("/vm/base", TestHost.HOME);
        host.overlay("/vm/a", "base", "raw");
        host.overlay("/vm/b", "base", "raw");
        host.kernel.directory("/log");
        host.vm("one").disk("/vm/a", ImageFormat.QCOW2).start();
        host.lifecycle().recover(false, false);
        host.kernel.faults().forgetCalls();
        return host;
    }

    private static StartOutcome startTwo(TestHost host) {
        return host.vm("two")
                .disk("/vm/b", ImageFormat.QCOW2)
                .file("/log/two", FileRole.LOG, UseAccess.CREATE)
                .tryStart();
    }

    private static void startAndStopTwo(TestHost host) {
        startTwo(host);
        host.stop("two");
        host.lifecycle().recover(false, false);
    }

    private static void stopOneAfterTwo(TestHost host) {
        startTwo(host);
        host.stop("two");
        host.stop("one");
        host.lifecycle().recover(false, false);
    }

    /** Checks that all held files have their labels, and all others have what they had at first. */
    private static void assertSound(TestHost host, String point) {
        for (VmView vm : host.lifecycle().status()) {
            assertThat(vm.state()).as(point).isEqualTo(VmState.RUNNING);
            assertThat(host.lifecycle().verify(vm.vm()).orElseThrow().files())
                    .as(point)
                    .isNotEmpty()
                    .allSatisfy(file -> assertThat(file.outcome()).isEqualTo(FileReport.Outcome.AS_EXPECTED));
        }
        List<String> held =
                host.lifecycle().status().stream().map(vm -> vm.vm().value()).toList();
        if (!held.contains("one")) {
            assertThat(host.label("/vm/a")).as(point).isEqualTo("none");
        }
        if (!held.contains("two")) {
            assertThat(host.label("/vm/b")).as(point).isEqualTo("none");
        }
        if (held.isEmpty()) {
            assertThat(host.label("/vm/base")).as(point).isEqualTo(TestHost.HOME);
        }
    }

    private static void assertOriginalsComeBack(TestHost host, String point) {
        host.lifecycle().status().forEach(vm -> host.lifecycle().stop(vm.vm(), Optional.empty()));
        RecoveryReport last = host.lifecycle().recover(false, false);
        assertThat(last.stale())
                .as(point)
                .allSatisfy(file -> assertThat(file.outcome()).isIn(asItShould(file)));
        assertThat(host.label("/vm/a")).as(point).isEqualTo("none");
        assertThat(host.label("/vm/b")).as(point).isEqualTo("none");
        assertThat(host.label("/vm/base")).as(point).isEqualTo(TestHost.HOME);
    }

    /** The accepted outcomes. A power cut may remove a log that was made for the VM, and the next boot cannot know. */
    private static Set<FileReport.Outcome> asItShould(FileReport file) {
        return file.path().toString().equals("/log/two")
                ? EnumSet.of(FileReport.Outcome.REVERTED, FileReport.Outcome.MISSING, FileReport.Outcome.LOST)
                : EnumSet.of(FileReport.Outcome.REVERTED, FileReport.Outcome.MISSING);
    }

    private interface Recovery {
        void run(TestHost host) throws IOException;
    }

    private void atEveryPoint(
            Consumer<TestHost> scenario, int points, ObjIntConsumer<TestHost> cut, Recovery recovery, String what)
            throws IOException {
        assertThat(points).isGreaterThan(3);
        for (int point = 0; point <= points; point++) {
            String where = what + " " + point + " of " + points;
            try (TestHost host = host()) {
                cut.accept(host, point);
                try {
                    scenario.accept(host);
                } catch (PowerCut | CutJournal.Killed e) {
                    assertThat(e).isNotNull();
                }
                recovery.run(host);
                assertSound(host, where);
                assertOriginalsComeBack(host, where);
            }
        }
    }

    private int changes(Consumer<TestHost> scenario) throws IOException {
        try (TestHost host = host()) {
            scenario.accept(host);
            return host.kernel.faults().changes();
        }
    }

    private int writes(Consumer<TestHost> scenario) throws IOException {
        try (TestHost host = host()) {
            int before = host.journal().writes();
            scenario.accept(host);
            return host.journal().writes() - before;
        }
    }

    @Test
    void killed_before_any_change_of_a_start_and_a_stop() throws IOException {
        atEveryPoint(
                CrashTest::startAndStopTwo,
                changes(CrashTest::startAndStopTwo),
                (host, point) -> host.kernel.faults().cutPowerAfter(point),
                TestHost::restart,
                "killed after change");
    }

    @Test
    void killed_before_any_write_to_the_journal() throws IOException {
        atEveryPoint(
                CrashTest::stopOneAfterTwo,
                writes(CrashTest::stopOneAfterTwo),
                (host, point) -> host.journal().killBefore(point + 1),
                TestHost::restart,
                "killed before journal write");
    }

    @Test
    void killed_after_any_write_to_the_journal() throws IOException {
        atEveryPoint(
                CrashTest::stopOneAfterTwo,
                writes(CrashTest::stopOneAfterTwo),
                (host, point) -> host.journal().killAfter(point + 1),
                TestHost::restart,
                "killed after journal write");
    }

    @Test
    void the_power_fails_at_any_change_and_what_was_in_memory_is_lost() throws IOException {
        atEveryPoint(
                CrashTest::stopOneAfterTwo,
                changes(CrashTest::stopOneAfterTwo),
                (host, point) -> host.kernel.faults().cutPowerAfter(point),
                host -> host.reboot(Unsynced.LOST),
                "power lost after change");
    }

    @Test
    void the_power_fails_at_any_change_and_everything_had_reached_the_disk() throws IOException {
        atEveryPoint(
                CrashTest::stopOneAfterTwo,
                changes(CrashTest::stopOneAfterTwo),
                (host, point) -> host.kernel.faults().cutPowerAfter(point),
                host -> host.reboot(Unsynced.KEPT),
                "power lost after change");
    }

    @Test
    void a_reverted_label_that_the_power_brings_back_is_reverted_again() throws IOException {
        try (TestHost host = host()) {
            host.kernel.mount("/disk");
            host.raw("/disk/image");
            host.kernel.setLabel("/disk/image", TestHost.HOME);
            host.vm("two").disk("/disk/image", ImageFormat.RAW).start();
            syncEverything(host);
            host.stop("two");

            host.reboot(Unsynced.LOST);

            assertThat(host.label("/disk/image")).isEqualTo(TestHost.HOME);
        }
    }

    /** The kernel writes back by itself, between the start and the stop. */
    private static void syncEverything(TestHost host) {
        try {
            var opened = host.kernel
                    .linux()
                    .open()
                    .open(labeler.linux.HostPath.of("/disk/image"), labeler.linux.OpenRequest.IMAGE);
            if (opened instanceof labeler.linux.OpenedFile file) {
                try (file) {
                    host.kernel.linux().fileSystems().sync(file);
                }
            }
        } catch (labeler.linux.LinuxException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void a_journal_that_cannot_be_written_refuses_the_start_and_labels_nothing() throws IOException {
        try (TestHost host = host()) {
            host.journal().failAt(1);

            assertThat(startTwo(host))
                    .isInstanceOfSatisfying(
                            StartOutcome.NotStarted.class,
                            refused -> assertThat(refused.problems())
                                    .extracting(Problem::kind)
                                    .containsExactly(Problem.Kind.JOURNAL_FAILED));

            assertThat(host.kernel.faults().calls())
                    .noneMatch(call -> call.name().equals("fsetxattr"));
            assertThat(host.kernel.status("/log/two")).isEmpty();
            assertSound(host, "journal full");
        }
    }

    @Test
    void a_journal_that_fails_at_any_later_write_leaves_nothing_behind_either() throws IOException {
        int writes = writes(CrashTest::stopOneAfterTwo);
        for (int failing = 1; failing <= writes; failing++) {
            String where = "journal write " + failing + " failed";
            try (TestHost host = host()) {
                host.journal().failAt(failing);
                startTwo(host);
                host.lifecycle().stop(new labeler.vm.VmName("two"), Optional.empty());
                host.lifecycle().stop(new labeler.vm.VmName("one"), Optional.empty());
                host.restart();
                assertSound(host, where);
                assertOriginalsComeBack(host, where);
            }
        }
    }

    @Test
    void a_vm_of_an_earlier_boot_is_ended_and_its_files_go_back() throws IOException {
        try (TestHost host = host()) {
            host.reboot(Unsynced.KEPT);

            assertThat(host.lifecycle().status()).isEmpty();
            assertThat(host.label("/vm/base")).isEqualTo(TestHost.HOME);
        }
    }

    @Test
    void a_vm_whose_process_ended_while_the_service_was_away_is_ended() throws IOException {
        try (TestHost host = host()) {
            host.kernel.processes().start(77);
            host.kernel.processes().start(78);
            host.vm("two").disk("/vm/b", ImageFormat.QCOW2).pid(77).start();
            host.raw("/vm/c");
            host.vm("three").disk("/vm/c", ImageFormat.RAW).pid(78).start();
            host.kernel.processes().end(77);

            host.restart();

            assertThat(host.lifecycle().status())
                    .extracting(vm -> vm.vm().value())
                    .containsExactly("one", "three");
            assertThat(host.label("/vm/b")).isEqualTo("none");
        }
    }

    @Test
    void an_original_survives_that_its_file_system_comes_back_under_another_number() throws IOException {
        try (TestHost host = host()) {
            var mount = host.kernel.mount("/disk");
            host.raw("/disk/image");
            host.kernel.setLabel("/disk/image", TestHost.HOME);
            host.vm("two").disk("/disk/image", ImageFormat.RAW).start();
            host.kernel.rename("/disk/image", "/disk/aside");
            host.stop("two");
            host.kernel.rename("/disk/aside", "/disk/image");
            mount.device(0x999);

            host.vm("three").disk("/disk/image", ImageFormat.RAW).start();
            host.stop("three");

            assertThat(host.label("/disk/image")).isEqualTo(TestHost.HOME);
        }
    }

    @Test
    void a_file_system_that_is_not_mounted_at_recovery_is_waited_for() throws IOException {
        try (TestHost host = host()) {
            host.kernel.mount("/disk");
            host.raw("/disk/image");
            host.vm("two").disk("/disk/image", ImageFormat.RAW).start();
            host.kernel.rename("/disk/image", "/disk/aside");
            host.kernel.rename("/disk", "/unmounted");

            host.restart();
            assertThat(host.lifecycle().status()).hasSize(2);
            host.stop("two");
            host.lifecycle().recover(false, false);
            host.kernel.rename("/unmounted", "/disk");
            host.kernel.rename("/disk/aside", "/disk/image");
            host.lifecycle().recover(false, false);

            assertThat(host.label("/disk/image")).isEqualTo("none");
        }
    }
}
