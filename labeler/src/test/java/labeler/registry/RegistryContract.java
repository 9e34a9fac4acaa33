package labeler.registry;

import static labeler.registry.TestFiles.CONTENT;
import static labeler.registry.TestFiles.ORIGINAL;
import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.claimed;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.imageLabel;
import static labeler.registry.TestFiles.read;
import static labeler.registry.TestFiles.refused;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static labeler.registry.TestFiles.wanted;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import labeler.plan.Sharing;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** The promises of every registry, to one host. */
public abstract class RegistryContract {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);

    /** A registry of a host, which has begun. */
    protected abstract Registry registry();

    @Test
    void a_pair_has_one_owner() {
        assertThat(started(registry(), start("web", drawing(ONE), disk(1))).pair())
                .isEqualTo(ONE);

        assertThat(started(registry(), start("mail", drawing(ONE, ONE, OTHER), disk(2)))
                        .pair())
                .isEqualTo(OTHER);
        assertThat(refused(registry().claim(start("db", new PairChoice.Given(ONE), disk(3)))))
                .isInstanceOfSatisfying(
                        Refusal.PairTaken.class,
                        taken -> assertThat(taken.pair()).isEqualTo(ONE));
        assertThat(refused(registry().claim(start("db", drawing(ONE, OTHER), disk(3)))))
                .isInstanceOf(Refusal.NoFreePair.class);
    }

    @Test
    void a_host_that_is_alone_sees_no_other_holder() {
        started(registry(), start("web", drawing(ONE), base(1), disk(2)));

        assertThat(given(registry().otherHolders()).values()).allMatch(Set::isEmpty);
    }

    @Test
    void a_host_that_is_alone_has_no_vm_that_comes_and_no_label_of_others() {
        started(registry(), start("web", drawing(ONE), base(1), disk(2)));

        assertThat(registry().whereabouts(start("web", new PairChoice.Moving(), disk(2))))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.NotMoving.class));
        assertThat(given(registry().otherUsers(file(2), ONE))).isEmpty();
        assertThat(given(registry().otherUsers(file(3), OTHER))).isEmpty();
    }

    @Test
    void a_host_learns_whether_a_file_is_its_own_to_label() {
        assertThat(given(registry().standing(file(1)))).isEqualTo(new Standing.Nothing(Set.of()));
        started(registry(), start("web", drawing(ONE), disk(1)));
        assertThat(given(registry().standing(file(1)))).isEqualTo(new Standing.Held());

        List<ToRestore> restore = given(registry().leave(vm("web"), Set.of(file(1))));
        assertThat(given(registry().standing(file(1))))
                .isEqualTo(new Standing.GivesBack(restore.getFirst().turn()));
        done(registry().restored(restore));
        assertThat(given(registry().standing(file(1)))).isEqualTo(new Standing.Nothing(Set.of()));
    }

    @Test
    void a_pair_is_free_again_when_nothing_carries_it_and_a_name_at_once() {
        started(registry(), start("web", drawing(ONE), disk(1)));
        assertThat(registry().end(vm("web"))).containsInstanceOf(Refusal.StillHolds.class);
        List<ToRestore> restore = given(registry().leave(vm("web"), Set.of(file(1))));
        done(registry().end(vm("web")));
        given(registry().settle(Set.of()));
        assertThat(refused(registry().claim(start("mail", new PairChoice.Given(ONE)))))
                .as("the disk carries it")
                .isInstanceOf(Refusal.PairTaken.class);

        started(registry(), start("web", drawing(ONE, OTHER), disk(2)));
        done(registry().restored(restore));
        given(registry().settle(Set.of(ONE)));
        assertThat(refused(registry().claim(start("mail", new PairChoice.Given(ONE)))))
                .as("a file that is not shared carries it")
                .isInstanceOf(Refusal.PairTaken.class);

        given(registry().settle(Set.of()));
        assertThat(claimed(registry().claim(start("mail", new PairChoice.Given(ONE))))
                        .pair())
                .isEqualTo(ONE);
    }

    @Test
    void a_fresh_file_goes_back_to_the_label_that_was_read_after_the_claim() {
        Claim claim = claimed(registry().claim(start("web", drawing(ONE), disk(1))));
        assertThat(claim.unread()).containsExactly(file(1));
        assertThat(claim.joined()).isEmpty();
        done(registry().originals(claim, read(claim, ORIGINAL)));

        assertThat(given(registry().leave(vm("web"), Set.of(file(1)))))
                .singleElement()
                .satisfies(restore -> {
                    assertThat(restore.file()).isEqualTo(file(1));
                    assertThat(restore.path()).isEqualTo("images/1.qcow2");
                    assertThat(restore.original()).contains(ORIGINAL);
                    assertThat(restore.ours()).containsExactly(imageLabel(ONE));
                });
    }

    @Test
    void a_disk_that_is_held_again_before_it_was_settled_may_have_each_label_of_ours() {
        started(registry(), start("web", drawing(ONE), disk(1)));
        given(registry().leave(vm("web"), Set.of(file(1))));
        done(registry().end(vm("web")));
        claimed(registry().claim(start("mail", drawing(OTHER), disk(1))));
        given(registry().leave(vm("mail"), Set.of(file(1))));
        done(registry().end(vm("mail")));
        CategoryPair third = CategoryPair.of(5, 6);
        claimed(registry().claim(start("db", drawing(third), disk(1))));

        assertThat(given(registry().leave(vm("db"), Set.of(file(1)))))
                .singleElement()
                .satisfies(restore -> {
                    assertThat(restore.original()).contains(ORIGINAL);
                    assertThat(restore.ours())
                            .containsExactlyInAnyOrder(imageLabel(ONE), imageLabel(OTHER), imageLabel(third));
                });
    }

    @Test
    void a_file_without_a_label_goes_back_to_none() {
        Claim claim = claimed(registry().claim(start("web", drawing(ONE), disk(1))));
        done(registry().originals(claim, Map.of(file(1), Optional.empty())));

        assertThat(given(registry().leave(vm("web"), Set.of(file(1)))))
                .singleElement()
                .satisfies(restore -> assertThat(restore.original()).isEmpty());
    }

    @Test
    void nothing_goes_back_of_which_nobody_has_read_the_label() {
        claimed(registry().claim(start("web", drawing(ONE), disk(1))));

        assertThat(ended(registry(), "web", Set.of(file(1)))).isEmpty();
        assertThat(started(registry(), start("web", drawing(ONE), disk(1))).unread())
                .containsExactly(file(1));
    }

    @Test
    void who_joins_a_base_learns_its_earlier_label_and_the_last_gives_it_back() {
        started(registry(), start("web", drawing(ONE), disk(1), base(9)));
        Claim joined = started(registry(), start("mail", drawing(OTHER), disk(2), base(9)));

        assertThat(joined.unread()).containsExactly(file(2));
        assertThat(joined.joined())
                .containsExactly(Map.entry(
                        file(9), new Claim.JoinedFile(Optional.of(ORIGINAL), Optional.of(CONTENT), Set.of())));
        assertThat(ended(registry(), "web", Set.of(file(1), file(9))))
                .extracting(ToRestore::file)
                .containsExactly(file(1));
        assertThat(ended(registry(), "mail", Set.of(file(2), file(9))))
                .extracting(ToRestore::file)
                .containsExactlyInAnyOrder(file(2), file(9));
    }

    @Test
    void a_disk_has_one_vm() {
        started(registry(), start("web", drawing(ONE), disk(1)));

        assertThat(refused(registry().claim(start("mail", drawing(OTHER), disk(2), disk(1)))))
                .isInstanceOfSatisfying(Refusal.InUse.class, use -> {
                    assertThat(use.file()).isEqualTo(file(1));
                    assertThat(use.sharing()).isEqualTo(Sharing.EXCLUSIVE);
                });
        assertThat(claimed(registry().claim(start("db", drawing(OTHER), disk(2))))
                        .unread())
                .as("the refused VM got nothing")
                .containsExactly(file(2));
    }

    @Test
    void a_disk_that_is_only_handed_over_has_one_vm_too() {
        WantedFile passed = new WantedFile(file(1), "images/1.raw", Sharing.EXCLUSIVE, _ -> Optional.empty());
        started(registry(), start("web", drawing(ONE), passed));

        assertThat(refused(registry().claim(start("mail", drawing(OTHER), passed))))
                .isInstanceOf(Refusal.InUse.class);
    }

    @Test
    void a_disk_is_nobody_elses_base() {
        started(registry(), start("web", drawing(ONE), disk(1), base(2)));

        assertThat(refused(registry().claim(start("mail", drawing(OTHER), base(1)))))
                .isInstanceOf(Refusal.InUse.class);
        assertThat(refused(registry().claim(start("mail", drawing(OTHER), disk(2)))))
                .isInstanceOf(Refusal.InUse.class);
        assertThat(refused(registry().claim(start("mail", drawing(OTHER), wanted(2, Sharing.SHARED)))))
                .isInstanceOf(Refusal.InUse.class);
    }

    @Test
    void shareable_disks_are_shared() {
        started(registry(), start("web", drawing(ONE), wanted(1, Sharing.SHARED)));

        assertThat(started(registry(), start("mail", drawing(OTHER), wanted(1, Sharing.SHARED)))
                        .joined())
                .containsOnlyKeys(file(1));
    }

    @Test
    void a_running_vm_takes_more_files_and_leaves_them() {
        started(registry(), start("web", drawing(ONE), disk(1)));
        Claim more = started(registry(), start("web", new PairChoice.Kept(), disk(2)));

        assertThat(more.pair()).isEqualTo(ONE);
        assertThat(given(registry().leave(vm("web"), Set.of(file(2)))))
                .extracting(ToRestore::file)
                .containsExactly(file(2));
        assertThat(given(registry().mine()).vms())
                .singleElement()
                .satisfies(vm -> assertThat(vm.files()).containsExactly(file(1)));
    }

    @Test
    void a_running_vm_uses_its_file_in_another_way() {
        started(registry(), start("web", drawing(ONE), base(1)));
        Claim again = started(registry(), start("web", new PairChoice.Kept(), disk(1)));

        assertThat(again.joined())
                .containsExactly(Map.entry(
                        file(1),
                        new Claim.JoinedFile(Optional.of(ORIGINAL), Optional.of(imageLabel(ONE)), Set.of(CONTENT))));
        assertThat(given(registry().leave(vm("web"), Set.of(file(1)))))
                .singleElement()
                .satisfies(restore -> assertThat(restore.ours()).containsExactlyInAnyOrder(CONTENT, imageLabel(ONE)));
    }

    @Test
    void no_vm_takes_more_files_than_it_is_there_for() {
        assertThat(refused(registry().claim(start("web", new PairChoice.Kept(), disk(2)))))
                .isInstanceOf(Refusal.NoSuchVm.class);
        started(registry(), start("web", drawing(ONE), disk(1)));
        assertThat(refused(registry().claim(start("web", drawing(OTHER), disk(2)))))
                .isInstanceOf(Refusal.VmOnRecord.class);
    }

    @Test
    void a_vm_that_starts_again_at_once_takes_its_files_before_they_have_gone_back() {
        started(registry(), start("web", drawing(ONE), disk(1)));
        List<ToRestore> restore = given(registry().leave(vm("web"), Set.of(file(1))));
        Claim again = started(registry(), start("web-2", drawing(OTHER), disk(1)));

        assertThat(again.joined().get(file(1)))
                .isEqualTo(new Claim.JoinedFile(
                        Optional.of(ORIGINAL), Optional.of(imageLabel(OTHER)), Set.of(imageLabel(ONE))));
        done(registry().restored(restore));
        assertThat(refused(registry().claim(start("mail", drawing(CategoryPair.of(5, 6)), disk(1)))))
                .as("an old word that it was restored does not end the new hold")
                .isInstanceOf(Refusal.InUse.class);

        List<ToRestore> later = given(registry().leave(vm("web-2"), Set.of(file(1))));
        done(registry().restored(restore));
        assertThat(given(registry().mine()).restoring())
                .as("nor a later giving back")
                .isEqualTo(later);
    }

    @Test
    void everything_may_be_said_twice() {
        Claim claim = started(registry(), start("web", drawing(ONE), disk(1), base(9)));
        done(registry().originals(claim, read(claim, ORIGINAL)));
        List<ToRestore> restore = given(registry().leave(vm("web"), Set.of(file(1), file(9))));

        assertThat(given(registry().leave(vm("web"), Set.of(file(1), file(9))))).isEqualTo(restore);
        done(registry().restored(restore));
        done(registry().restored(restore));
        done(registry().end(vm("web")));
        done(registry().end(vm("web")));
        assertThat(given(registry().leave(vm("web"), Set.of(file(1))))).isEmpty();
    }

    @Test
    void all_that_a_host_has_is_told() {
        started(registry(), start("web", drawing(ONE), disk(1), base(9)));
        started(registry(), start("mail", drawing(OTHER), disk(2), base(9)));
        given(registry().leave(vm("mail"), Set.of(file(2))));

        Mine mine = given(registry().mine());
        assertThat(mine.vms())
                .extracting(Mine.HostedVm::name, Mine.HostedVm::pair, Mine.HostedVm::files)
                .containsExactlyInAnyOrder(
                        tuple(vm("web"), ONE, Set.of(file(1), file(9))), tuple(vm("mail"), OTHER, Set.of(file(9))));
        assertThat(mine.restoring()).extracting(ToRestore::file).containsExactly(file(2));
    }

    @Test
    void a_long_chain_is_claimed_whole_or_not_at_all() {
        WantedFile[] chain = IntStream.range(0, 150).mapToObj(TestFiles::base).toArray(WantedFile[]::new);
        Set<SharedFile> files = new HashSet<>();
        List.of(chain).forEach(one -> files.add(one.file()));
        started(registry(), start("mail", drawing(OTHER), disk(149)));

        assertThat(refused(registry().claim(start("web", drawing(ONE), chain)))).isInstanceOf(Refusal.InUse.class);
        assertThat(ended(registry(), "mail", Set.of(file(149)))).hasSize(1);
        assertThat(started(registry(), start("web", drawing(ONE), chain)).unread())
                .isEqualTo(files);
        assertThat(ended(registry(), "web", files)).hasSize(150);
        assertThat(given(registry().mine())).isEqualTo(new Mine(List.of(), List.of()));
    }

    @Test
    void a_host_that_nobody_fenced_is_not_taken_over() {
        assertThat(registry().takeOver(new HostName("other"), Set.of(TestFiles.STORAGE)))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.NotFenced.class));
    }

    @Test
    void there_is_nothing_to_settle_when_every_answer_came() {
        started(registry(), start("web", drawing(ONE), disk(1)));

        assertThat(given(registry().settle(Set.of()))).isEmpty();
    }
}
