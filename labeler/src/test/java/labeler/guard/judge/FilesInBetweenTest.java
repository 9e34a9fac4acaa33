package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;
import labeler.guard.QmpClient;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.linux.HostPath;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service attaches and takes away disks while the judge of the VM looks at its qemu. */
@Timeout(120)
class FilesInBetweenTest {
    @AutoClose
    private final LyingBed bed;

    FilesInBetweenTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
    }

    private HostPath base() {
        return HostPath.of(bed.path("base"));
    }

    private void recorded(UnaryOperator<List<FileHold>> now) {
        assertThat(bed.host()
                        .files()
                        .settle(bed.host().files().run(new VmName("liar")), now)
                        .problems())
                .isEmpty();
    }

    /** An attach fails: its node goes, and then its hold. The look has the node, and none of the holds after it. */
    @Test
    void a_file_that_leaves_between_a_look_and_its_judgement_is_no_drift() throws IOException {
        try (QmpClient client = bed.begun()) {
            AtomicBoolean isDue = new AtomicBoolean(true);
            bed.liar().replies("query-jobs", id -> {
                if (isDue.getAndSet(false)) {
                    bed.graph(Map.of("top-file", bed.path("top")));
                    recorded(holds -> holds.stream()
                            .filter(hold -> !hold.path().equals(base()))
                            .toList());
                }
                bed.liar().answer(id, "[]");
            });

            client.done(LyingBed.removal());

            assertThat(isDue).isFalse();
            assertThat(bed.ends("base")).isEmpty();
            assertThat(bed.drift()).isEmpty();
        }
    }

    /** Its files are held before qemu hears of it. */
    @Test
    void the_files_of_a_disk_that_is_about_to_join_stay_held_while_no_node_has_them() throws IOException {
        recorded(holds -> holds.stream()
                .map(hold -> hold.path().equals(base()) ? hold.until(new HoldTrigger.Disk("d1")) : hold)
                .toList());
        bed.graph(Map.of("top-file", bed.path("top")));

        try (QmpClient client = bed.begun()) {
            client.done(LyingBed.removal());

            assertThat(bed.ends("base")).containsExactly("disk d1");
        }
    }
}
