package labeler.it;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Promise 3 by the service's system calls: an original is on disk before its label changes, at the least cost. */
class DurabilityIT {
    private static final String LABEL = "fsetxattr";

    /** Every call by which something may wait for a disk: SQLite takes another one than the journal's own sync. */
    private static final Set<String> SYNCS = Set.of("fdatasync", "fsync", "msync", "sync", "sync_file_range", "syncfs");

    private static final String WATCHED = String.join(",", SYNCS) + "," + LABEL;

    private final Path temporary;
    private final Images images;
    private final Path base;

    @AutoClose
    private final ServiceFixture service;

    DurabilityIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-img", "getfattr", "setfattr", "strace");
        images = Images.in(temporary.resolve("images"));
        base = images.labelledRaw("base");
        service = ServiceFixture.started(temporary);
    }

    private List<String> vm(String name) throws IOException {
        return Images.qemuWithOverlay(images.overlay(name, base));
    }

    private Path calls() {
        return temporary.resolve("calls");
    }

    /** Without those of the audit log, which has a pace of its own. */
    private List<String> kinds() throws IOException {
        return Files.readAllLines(calls()).stream()
                .filter(line -> !line.contains("/audit/"))
                .map(line -> line.replaceFirst("^[0-9]+ +", "").replaceFirst("\\(.*", ""))
                .filter(kind -> SYNCS.contains(kind) || kind.equals(LABEL))
                .toList();
    }

    @Test
    void a_start_syncs_once_and_sets_its_labels_after_that() throws IOException {
        // The first one of a service also syncs the name of the log, which SQLite has just made.
        service.start("first", Images.qemuWithRaw(images.labelledRaw("other"))).ok();
        List<String> argv = vm("web1");
        try (Strace _ = Strace.watching(service, calls(), WATCHED)) {
            service.start("web1", argv).ok();
        }

        assertThat(kinds()).containsExactly("fdatasync", "fsetxattr", "fsetxattr");
    }

    /** Only files whose originals are on disk already: nothing would be lost. */
    @Test
    void a_start_that_is_nowhere_the_first_holder_syncs_nothing() throws IOException {
        List<String> reader = Images.qemu("-drive", Images.disk(base, "raw") + ",readonly=on");
        service.start("first", reader).ok();
        try (Strace _ = Strace.watching(service, calls(), WATCHED)) {
            service.start("second", reader).ok();
        }

        assertThat(kinds()).doesNotContainAnyElementsOf(SYNCS);
    }

    @Test
    void a_start_whose_record_is_not_on_disk_is_refused_and_changes_no_label() throws IOException {
        List<String> argv = vm("web1");
        List<String> other = vm("web2");
        var before = Attributes.of(images.directory());
        try (Strace _ = Strace.watching(service, calls(), WATCHED, "fdatasync:error=EIO:when=1")) {
            Reply refused = service.start("web1", argv);

            assertThat(refused.status()).isEqualTo(500);
            assertThat(refused.text("kind")).isEqualTo("JOURNAL_FAILED");
            assertThat(refused.text("message")).contains("could not be written to its disk");
            assertThat(kinds()).doesNotContain("fsetxattr");
        }
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        // The disk works again, but nobody knows what it has lost.
        assertThat(service.start("web2", other).text("message")).contains("restart labelerd");
        assertThat(Attributes.of(images.directory())).isEqualTo(before);

        service.kill();
        service.start();
        service.start("web1", argv).ok();
        service.stop("web1").ok();
        assertThat(Attributes.of(images.directory())).isEqualTo(before);
        service.assertNoStackTrace();
    }

    @Test
    void starts_at_the_same_time_share_a_sync() throws IOException, InterruptedException, ExecutionException {
        int count = 16;
        List<List<String>> all = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            all.add(vm("web" + i));
        }
        try (Strace _ = Strace.watching(service, calls(), String.join(",", SYNCS), "fdatasync:delay_exit=200000");
                ExecutorService clients = Executors.newFixedThreadPool(count)) {
            List<Future<Reply>> replies = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                String name = "web" + i;
                List<String> argv = all.get(i);
                replies.add(clients.submit(() -> service.start(name, argv)));
            }
            for (Future<Reply> reply : replies) {
                reply.get().ok();
            }
        }

        assertThat(kinds().size()).isPositive().isLessThan(count);
    }
}
