package labeler.cluster;

import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.registry.Claim;
import labeler.registry.Mine;
import labeler.registry.PairChoice;
import labeler.registry.ReservedPair;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The registry has what the journal, which is empty, does not have. */
class StaleEntriesTest {
    private static final CategoryPair PAIR = CategoryPair.of(1, 2);

    @AutoClose
    private final PoolBed bed;

    StaleEntriesTest(@TempDir Path directory) throws Exception {
        bed = new PoolBed(directory);
    }

    private StaleEntries stale(boolean isWithoutProcess) {
        return new StaleEntries(
                bed.link(), bed.own(), bed.returns(), bed.holdings(), _ -> isWithoutProcess, _ -> Optional.empty());
    }

    private void begin() {
        done(bed.link().begin());
    }

    private Mine mine() {
        return given(bed.registry().mine());
    }

    @Test
    void a_vm_that_is_over_goes_and_its_label_does_not_go_back() {
        started(bed.registry(), start("web", drawing(PAIR), bed.wanted()));
        begin();
        done(stale(true).drop());
        assertThat(mine()).isEqualTo(new Mine(List.of(), List.of()));
        assertThat(bed.own().restoring()).isEmpty();
        assertThat(bed.own().vms()).isEmpty();
        assertThat(bed.own().isLeftToOthers(bed.file()))
                .as("if the journal has it, that tells")
                .isFalse();
    }

    @Test
    void its_pair_is_free_for_the_host_that_has_it() {
        started(bed.registry(), start("web", drawing(PAIR), bed.wanted()));
        begin();
        done(stale(true).drop());
        done(stale(true).settle());
        Claim claim = started(bed.registry(), start("other", new PairChoice.Given(PAIR)));
        assertThat(claim.pair()).isEqualTo(PAIR);
    }

    @Test
    void what_was_going_back_does_not_go_back() {
        started(bed.registry(), start("web", drawing(PAIR), bed.wanted()));
        given(bed.registry().leave(vm("web"), Set.of(bed.file())));
        begin();
        assertThat(bed.own().restoring()).hasSize(1);
        done(stale(true).drop());
        assertThat(mine().restoring()).isEmpty();
        assertThat(bed.own().restoring()).isEmpty();
    }

    @Test
    void what_was_left_as_the_registry_fell_silent_is_finished_by_the_next_try() {
        started(bed.registry(), start("web", drawing(PAIR), bed.wanted()));
        begin();
        bed.registry().fallSilentOnce();
        assertThat(stale(true).drop()).isPresent();
        done(stale(true).drop());
        assertThat(mine()).isEqualTo(new Mine(List.of(), List.of()));
        assertThat(bed.own().restoring()).isEmpty();
    }

    @Test
    void a_vm_that_is_about_to_start_is_waited_for() {
        started(bed.registry(), start("web", drawing(PAIR), bed.wanted()));
        begin();
        PendingClaims.PendingClaim pending = bed.own().pendingClaims().start(vm("web"));
        assertThat(stale(true).drop()).isPresent();
        assertThat(bed.inRegistry(vm("web"))).containsExactly(bed.file());

        bed.own().pendingClaims().over(pending, false);
        done(stale(true).drop());
        assertThat(mine().vms()).isEmpty();
    }

    @Test
    void a_vm_whose_process_runs_keeps_its_files() {
        String reserved = ReservedPair.name(3).value();
        started(bed.registry(), start(reserved, drawing(PAIR), bed.wanted()));
        begin();
        done(stale(false).drop());
        assertThat(bed.inRegistry(vm(reserved))).containsExactly(bed.file());

        done(stale(true).drop());
        assertThat(bed.inRegistry(vm(reserved))).isEmpty();
        assertThat(mine().vms()).as("the pair stays in reserve").hasSize(1);
    }
}
