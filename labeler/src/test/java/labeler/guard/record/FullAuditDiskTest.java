package labeler.guard.record;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import labeler.needs.Need;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A file system without room, on a real mount. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class FullAuditDiskTest {
    private static final int ENTRIES = 2_000;

    @TempDir
    Path directory;

    @Test
    void a_full_disk_costs_lines_that_are_counted_and_the_log_goes_on_when_there_is_room() throws Exception {
        mountTiny();
        try {
            Path ballast = Files.write(directory.resolve("ballast"), new byte[64 << 10]);
            FileAuditLog log = new FileAuditLog(directory, new LogSize(1 << 20, 4, 16 << 20), InstantSource.system());
            log.begin();
            for (int i = 0; i < ENTRIES; i++) {
                log.add(entry(i));
            }
            eventually("the disk is full", () -> size() >= (32 << 10));
            awaitLoss(log);
            Files.delete(ballast);
            log.add(entry(ENTRIES));
            log.close();

            LogPage page = log.reader().read(Position.BEGIN, 100_000, _ -> true);
            assertThat(page.damaged()).isZero();
            long lost = page.lines().stream()
                    .filter(line -> line.entry().event() == AuditEvent.LINES_LOST)
                    .map(line -> line.entry().result().message().orElseThrow())
                    .peek(message -> assertThat(message)
                            .containsAnyOf("the log could not be written", "more came than the disk takes"))
                    .mapToLong(message -> Long.parseLong(message.substring(0, message.indexOf(' '))))
                    .sum();
            long written = page.lines().stream()
                    .filter(line -> line.entry().event() == AuditEvent.VM_STARTED)
                    .count();
            assertThat(lost).isPositive();
            assertThat(lost + written).isEqualTo(ENTRIES + 1);
        } finally {
            run("umount", directory.toString());
        }
    }

    private static AuditEntry entry(int number) {
        return AuditEntry.of(AuditEvent.VM_STARTED, new VmName("vm" + number)).saying("x".repeat(100));
    }

    /** Waits until the queue has gone, whose end the disk did not take. */
    private static void awaitLoss(FileAuditLog log) {
        eventually("entries are lost", () -> log.waiting() == 0 && log.lost() > 0);
    }

    private long size() throws IOException {
        Path audit = directory.resolve("audit");
        if (!Files.exists(audit)) {
            return 0;
        }
        try (var files = Files.list(audit)) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    private void mountTiny() throws Exception {
        boolean mounted = "root".equals(System.getProperty("user.name"))
                && run("mount", "-t", "tmpfs", "-o", "size=128k,mode=0700", "tmpfs", directory.toString()) == 0;
        Need.require(mounted, "needs root, to mount a tmpfs");
    }

    private static int run(String... command) throws Exception {
        return new ProcessBuilder(List.of(command)).inheritIO().start().waitFor();
    }
}
