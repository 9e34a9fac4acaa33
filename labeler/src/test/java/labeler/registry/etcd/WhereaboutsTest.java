package labeler.registry.etcd;

import static labeler.registry.TestFiles.base;
import static labeler.registry.TestFiles.disk;
import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.ended;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.given;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.registry.Answer;
import labeler.registry.ClaimRequest;
import labeler.registry.HostName;
import labeler.registry.PairChoice;
import labeler.registry.Refusal;
import labeler.registry.ToRestore;
import labeler.registry.WantedFile;
import labeler.registry.Whereabouts;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

/** Where a VM runs that is about to move, and whose a label may be. Asking changes nothing. */
class WhereaboutsTest extends TwoRegistries {
    private static final CategoryPair ONE = CategoryPair.of(1, 2);
    private static final CategoryPair OTHER = CategoryPair.of(3, 4);
    private static final HostName LEFT = new HostName("left");
    private static final HostName RIGHT = new HostName("right");

    private static ClaimRequest moving(String vm, WantedFile... files) {
        return start(vm, new PairChoice.Moving(), files);
    }

    private static void assertNotMoving(Answer<Whereabouts> answer) {
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.refusal()).isInstanceOf(Refusal.NotMoving.class));
    }

    @Test
    void a_vm_is_where_it_runs_at_its_pair() {
        started(left, start("web", drawing(ONE), disk(1), base(2)));
        List<String> before = cluster.left();

        assertThat(given(right.whereabouts(moving("web", disk(1), base(2))))).isEqualTo(new Whereabouts(LEFT, ONE));
        assertNotMoving(left.whereabouts(moving("web", disk(1), base(2))));
        assertNotMoving(right.whereabouts(moving("mail", disk(1))));
        assertNotMoving(right.whereabouts(moving("web", base(2))));
        assertNotMoving(right.whereabouts(moving("web", disk(3))));
        assertNotMoving(right.whereabouts(
                new ClaimRequest(vm("web"), Optional.empty(), new PairChoice.Moving(), List.of(disk(1)))));
        assertThat(cluster.left()).as("nobody is told").isEqualTo(before);
    }

    @Test
    void a_vm_that_has_moved_is_on_its_new_host() {
        started(left, start("web", drawing(ONE), disk(1)));
        started(right, moving("web", disk(1)));
        assertThat(given(left.whereabouts(moving("web", disk(1))))).isEqualTo(new Whereabouts(RIGHT, ONE));
        ended(left, "web", Set.of(file(1)));
        assertThat(given(left.whereabouts(moving("web", disk(1))))).isEqualTo(new Whereabouts(RIGHT, ONE));
        ended(right, "web", Set.of(file(1)));
        assertNotMoving(left.whereabouts(moving("web", disk(1))));
    }

    @Test
    void a_label_may_be_of_each_other_host_that_has_the_pair_or_the_file() {
        started(left, start("web", drawing(ONE), disk(1), base(2)));
        assertThat(given(left.otherUsers(file(1), ONE))).isEmpty();
        assertThat(given(right.otherUsers(file(1), OTHER))).containsExactly(LEFT);
        assertThat(given(right.otherUsers(file(9), ONE)))
                .as("a file that the other host has told nobody of")
                .containsExactly(LEFT);
        assertThat(given(right.otherUsers(file(9), OTHER))).isEmpty();

        started(right, moving("web", disk(1), base(2)));
        assertThat(given(left.otherUsers(file(9), ONE))).containsExactly(RIGHT);
        assertThat(given(right.otherUsers(file(9), ONE))).containsExactly(LEFT);
    }

    @Test
    void a_pair_that_outlasts_its_vm_is_no_hindrance_and_a_file_that_goes_back_is() {
        started(left, start("web", drawing(ONE), disk(1)));
        List<ToRestore> restore = given(left.leave(vm("web"), Set.of(file(1))));
        done(left.end(vm("web")));

        assertThat(given(right.otherUsers(file(9), ONE))).isEmpty();
        assertThat(given(right.otherUsers(file(1), OTHER))).containsExactly(LEFT);
        assertThat(given(left.otherUsers(file(1), ONE))).isEmpty();
        done(left.restored(restore));
        assertThat(given(right.otherUsers(file(1), ONE))).isEmpty();
    }
}
