package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import org.junit.jupiter.api.Test;

/** The time for which qemu may still be closing a file. */
class SettlingFilesTest {
    private static final Duration MOST_OF_IT =
            SettlingFiles.TIME.multipliedBy(3).dividedBy(5);

    private final AtomicLong now = new AtomicLong();
    private final SettlingFiles settling = new SettlingFiles(now::get);

    private static FileHold hold(long file, HoldTrigger trigger) {
        return new FileHold(
                OptionalLong.of(file),
                HostPath.of("/vm/memory"),
                Treatment.LABEL,
                "a dump",
                List.of(),
                trigger,
                List.of(),
                true);
    }

    /** The one before has settled for most of its time when the second dump is over. */
    @Test
    void a_file_of_the_same_name_has_the_whole_time() {
        FileHold first = hold(1, new HoldTrigger.Settling());
        FileHold second = hold(2, new HoldTrigger.Dump());
        List<FileHold> over = List.of(first, hold(2, new HoldTrigger.Settling()));
        settling.settled(List.of(first, second), List.of(first, second));
        long _ = now.addAndGet(MOST_OF_IT.toNanos());
        settling.settled(List.of(first, second), over);

        long _ = now.addAndGet(MOST_OF_IT.toNanos());
        settling.settled(over, over);
        assertThat(settling.closed()).isEmpty();

        long _ = now.addAndGet(MOST_OF_IT.toNanos());
        assertThat(settling.closed()).containsExactly(first.path());
    }
}
