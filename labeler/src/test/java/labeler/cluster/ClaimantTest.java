package labeler.cluster;

import static labeler.registry.TestFiles.CONTENT;
import static labeler.registry.TestFiles.ORIGINAL;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.uuid;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.hold.OtherHosts.Agreed;
import labeler.lifecycle.hold.OtherHosts.Answer;
import labeler.lifecycle.hold.OtherHosts.NotAgreed;
import labeler.lifecycle.hold.OtherHosts.Share;
import labeler.lifecycle.plan.LevelWish;
import labeler.plan.VmContexts;
import labeler.problem.Problem;
import labeler.registry.Mine;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.vm.StartedBy;
import labeler.vm.VmName;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VMs that ask for a base while others of their requests, or the end of a hold, are under way. */
class ClaimantTest {
    private static final VmName WEB = vm("web");

    @AutoClose
    private final PoolBed bed;

    ClaimantTest(@TempDir Path directory) throws Exception {
        bed = new PoolBed(directory);
        done(bed.link().begin());
    }

    private static VmContexts contexts(CategoryPair pair) {
        return new VmContexts(
                Level.parse("s0:" + pair).orElseThrow(),
                PoolBed.context("system_u:system_r:svirt_t:s0:" + pair),
                PoolBed.context("system_u:object_r:svirt_image_t:s0:" + pair),
                CONTENT.context().orElseThrow(),
                PoolBed.context("system_u:object_r:svirt_image_t:s0"));
    }

    private Answer start(int first, int second) {
        Level level = Level.parse("s0:" + CategoryPair.of(first, second)).orElseThrow();
        return bed.claimant()
                .start(new OtherHosts.Newcomer(
                        WEB,
                        Optional.of(uuid("web")),
                        false,
                        new LevelWish.Given(level),
                        ClaimantTest::contexts,
                        List.of(bed.wish())));
    }

    private static Share agreed(Answer answer) {
        assertThat(answer).isInstanceOf(Agreed.class);
        return ((Agreed) answer).share();
    }

    private static Optional<Problem> recorded(Share share, PoolBed bed) {
        return share.record(Map.of(bed.wish().opened().identity(), Optional.of(ORIGINAL)));
    }

    private Share joined() {
        VmRecord vm = new VmRecord(
                WEB,
                VmRecord.Phase.RUNNING,
                contexts(CategoryPair.of(1, 2)),
                Optional.empty(),
                new VmRecord.Confinement(true, false),
                List.of(),
                List.of(),
                List.of(),
                new VmRecord.Start("boot", StartedBy.LAUNCHER, Optional.empty()));
        return agreed(bed.claimant().join(vm, List.of(bed.wish())));
    }

    /** A VM whose files are all local but the base, which it has no more. */
    private void startedAndLeft() {
        Share start = agreed(start(1, 2));
        assertThat(recorded(start, bed)).isEmpty();
        start.over(true);
        done(bed.returns().leave(WEB, Set.of(bed.file())));
    }

    @Test
    void a_file_that_was_left_while_a_vm_took_it_is_refused_to_the_vm() {
        startedAndLeft();
        Share share = joined();
        assertThat(bed.own().restoring())
                .as("it was going back, so nothing is to be read")
                .isEmpty();
        done(bed.returns().leave(WEB, Set.of(bed.file())));
        assertThat(recorded(share, bed).orElseThrow().kind()).isEqualTo(Problem.Kind.IN_USE);
        share.over(false);
        Share again = joined();
        assertThat(recorded(again, bed)).isEmpty();
        again.over(true);
        assertThat(bed.inRegistry(WEB)).containsExactly(bed.file());
    }

    @Test
    void of_two_requests_of_a_vm_the_one_that_fails_leaves_the_other_its_file() {
        startedAndLeft();
        Share failing = joined();
        Share other = joined();
        assertThat(recorded(other, bed)).isEmpty();
        other.over(true);
        failing.giveBack();
        failing.over(false);
        assertThat(bed.inRegistry(WEB)).containsExactly(bed.file());
    }

    /** It was on record still for a VM that had it before this host was fenced. */
    @Test
    void a_request_that_fails_leaves_a_file_that_its_vm_had_lost_before() {
        Share start = agreed(start(1, 2));
        assertThat(recorded(start, bed)).isEmpty();
        start.over(true);
        List<Mine.HostedVm> before = given(bed.registry().mine()).vms();
        bed.own().asksForAll();
        bed.own().begin(new Mine(before, List.of(), Set.of(bed.file())));

        Share failing = joined();
        failing.giveBack();
        failing.over(false);

        assertThat(bed.inRegistry(WEB)).isEmpty();
    }

    @Test
    void a_second_start_of_a_name_does_not_end_the_first_one() {
        Share first = agreed(start(1, 2));
        assertThat(start(3, 4))
                .isInstanceOfSatisfying(
                        NotAgreed.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.ALREADY_RUNNING));
        assertThat(bed.inRegistry(WEB)).containsExactly(bed.file());
        assertThat(bed.own().isUnderWay(WEB)).isTrue();
        assertThat(recorded(first, bed)).isEmpty();
        first.over(true);
    }

    @Test
    void a_vm_that_ended_while_the_registry_was_away_starts_again() {
        Share before = agreed(start(1, 2));
        assertThat(recorded(before, bed)).isEmpty();
        before.over(true);
        Share again = agreed(start(3, 4));
        assertThat(recorded(again, bed)).isEmpty();
        assertThat(bed.inRegistry(WEB)).containsExactly(bed.file());
    }
}
