package labeler.cluster;

import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.FileHandle;
import labeler.registry.ClaimId;
import labeler.registry.Rebuild;
import labeler.registry.Storage;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Why a VM's label on a base on shared storage cannot be set again, and what to do. */
class OtherUsersTest {
    @AutoClose
    private final PoolBed bed;

    /** The VM has the base. */
    OtherUsersTest(@TempDir Path directory) throws Exception {
        bed = new PoolBed(directory);
        started(bed.registry(), start("web", drawing(CategoryPair.of(1, 2)), bed.wanted()));
        done(bed.link().begin());
    }

    @Test
    void what_this_host_holds_may_be_set() {
        assertThat(bed.notHeld(Optional.of(bed.storage()))).isEmpty();
    }

    @Test
    void a_registry_that_says_nothing_now_is_asked_again_by_relabel() {
        bed.rebuilds(
                Optional.of(new Rebuild(new ClaimId("rebuild"), Set.of(PoolBed.HOST), Set.of(PoolBed.HOST), Map.of())));
        bed.link().lookForRebuild();

        assertThat(bed.notHeld(Optional.of(bed.storage())).orElseThrow())
                .endsWith("; run labeler relabel once that is over");
    }

    @Test
    void a_file_system_that_is_no_storage_is_to_be_registered() {
        assertThat(bed.notHeld(Optional.empty()).orElseThrow())
                .contains("that is no registered storage, or whose root is not mounted here; register it");
    }

    @Test
    void a_storage_with_another_root_is_to_be_mounted_as_it_was() {
        Storage whole = bed.storage();
        Storage other = new Storage(whole.type(), whole.id(), new FileHandle(1, new byte[] {9, 9}));
        assertThat(bed.notHeld(Optional.of(other)))
                .contains("storage pool is mounted here with another root; mount it as it was");
    }
}
