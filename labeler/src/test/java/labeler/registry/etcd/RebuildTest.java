package labeler.registry.etcd;

import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.given;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.registry.Answer;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.Rebuild;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.ToldEntry;
import org.junit.jupiter.api.Test;

/** Who takes part in a rebuild, and when it is over. */
class RebuildTest extends TwoRegistries {
    private static final HostName LEFT = new HostName("left");
    private static final HostName RIGHT = new HostName("right");
    private static final Optional<ClusterMemory.Point> LOST = Optional.of(new ClusterMemory.Point("another", 1));

    private EtcdRebuild rebuild() {
        return cluster.administration().rebuild();
    }

    private Rebuild state() {
        return given(rebuild().state()).orElseThrow();
    }

    @Test
    void all_known_hosts_are_waited_for() {
        assertThat(given(rebuild().state())).isEmpty();
        Rebuild begun = given(rebuild().join(LEFT, Set.of(RIGHT), LOST));
        assertThat(begun.missing()).containsExactlyInAnyOrder(LEFT, RIGHT);
        assertThat(given(rebuild().join(RIGHT, Set.of(), LOST)).id()).isEqualTo(begun.id());

        done(left.told(begun.id(), List.of()));
        assertThat(state().missing()).containsExactly(RIGHT);
        assertThat(given(rebuild().join(LEFT, Set.of(), Optional.empty())))
                .as("asked again")
                .isEqualTo(state());
        done(right.told(begun.id(), List.of("VM web: taken")));
        assertThat(state().isOver()).isTrue();
        assertThat(state().conflicts()).isEqualTo(Map.of(RIGHT, List.of("VM web: taken")));
        assertThat(cluster.left()).isEmpty();
    }

    /** What it could not tell yet, since others had it before, it tells when they have cleared theirs. */
    @Test
    void a_host_that_has_only_cleared_what_it_had_is_waited_for() {
        Rebuild begun = given(rebuild().join(LEFT, Set.of(RIGHT), LOST));
        assertThat(begun.uncleared()).containsExactlyInAnyOrder(LEFT, RIGHT);

        done(left.cleared(begun.id()));
        assertThat(state().missing()).containsExactlyInAnyOrder(LEFT, RIGHT);
        assertThat(state().uncleared()).containsExactly(RIGHT);
        assertThat(given(rebuild().join(LEFT, Set.of(), LOST)).id()).isEqualTo(begun.id());

        done(right.told(begun.id(), List.of()));
        assertThat(state().uncleared()).isEmpty();
        done(left.told(begun.id(), List.of()));
        assertThat(state().isOver()).isTrue();
    }

    /** One that knows no such step looks for the rebuild alone. */
    @Test
    void a_host_of_an_earlier_version_does_not_take_it_for_one_that_has_told() {
        ClaimId id = ClaimId.fresh();
        Entries entries = new Entries();
        assertThat(entries.write(ToldEntry.all(id, List.of()))).contains("\"" + id + "\"");
        assertThat(entries.write(ToldEntry.cleared(id))).doesNotContain("\"" + id + "\"");
    }

    @Test
    void a_fenced_host_and_one_that_is_left_out_are_not() {
        HostName gone = new HostName("gone");
        Rebuild begun = given(rebuild().join(LEFT, Set.of(RIGHT, gone), LOST));
        done(left.told(begun.id(), List.of()));
        done(cluster.administration().fence(RIGHT));
        assertThat(state().missing()).containsExactly(gone);
        assertThat(cluster.administration().fence(gone)).containsInstanceOf(Refusal.NotJoined.class);
        done(rebuild().leaveOut(gone));
        assertThat(state().isOver()).isTrue();
        assertThat(rebuild().leaveOut(gone)).containsInstanceOf(Refusal.NotJoined.class);
    }

    @Test
    void one_that_is_over_stays_so_when_hosts_leave_later() throws IOException {
        Rebuild begun = given(rebuild().join(LEFT, Set.of(RIGHT), LOST));
        done(left.told(begun.id(), List.of()));
        assertThat(cluster.administration().leave(RIGHT)).isEmpty();
        assertThat(state().missing()).as("it left, and has not told").containsExactly(RIGHT);

        try (EtcdRegistry again = cluster.begun("right")) {
            done(again.told(begun.id(), List.of()));
        }
        assertThat(state().isOver()).isTrue();
        done(cluster.administration().leave(RIGHT));
        assertThat(state().isOver()).as("one has left").isTrue();
        done(cluster.administration().fence(LEFT));
        done(cluster.administration().forget(LEFT));
        assertThat(state().isOver()).as("one is forgotten").isTrue();
    }

    @Test
    void a_second_loss_begins_anew_and_no_loss_begins_nothing() {
        assertThat(rebuild().join(LEFT, Set.of(RIGHT), Optional.empty()))
                .isEqualTo(new Answer.Refused<>(new Refusal.NothingLost(LEFT)));
        Rebuild first = given(rebuild().join(LEFT, Set.of(), LOST));
        done(left.told(first.id(), List.of()));
        Rebuild second = given(rebuild().join(LEFT, Set.of(), LOST));
        assertThat(second.id()).isNotEqualTo(first.id());
        assertThat(second.missing()).containsExactly(LEFT);
    }
}
