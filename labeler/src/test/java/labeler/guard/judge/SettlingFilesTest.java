package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import org.junit.jupiter.api.Test;

/** The time for which qemu may still be closing a file. */
class SettlingFilesTest {
    private static final Duration MOST_OF_IT = Duration.ofMillis(600);

    private final SettlingFiles settling = new SettlingFiles();

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
    void a_file_of_the_same_name_has_the_whole_time() throws InterruptedException {
        FileHold first = hold(1, new HoldTrigger.Settling());
        FileHold second = hold(2, new HoldTrigger.Dump());
        List<FileHold> over = List.of(first, hold(2, new HoldTrigger.Settling()));
        settling.settled(List.of(first, second), List.of(first, second));
        Thread.sleep(MOST_OF_IT);
        settling.settled(List.of(first, second), over);

        Thread.sleep(MOST_OF_IT);
        settling.settled(over, over);
        assertThat(settling.closed()).isEmpty();

        Thread.sleep(MOST_OF_IT);
        assertThat(settling.closed()).containsExactly(first.path());
    }
}
