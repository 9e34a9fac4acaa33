package labeler.plan;

import static labeler.plan.Given.HOME;
import static labeler.plan.Given.IMAGE_OF_ANOTHER;
import static labeler.plan.Given.READS;
import static labeler.plan.Given.WRITES;
import static labeler.plan.Given.file;
import static labeler.plan.Given.fixed;
import static labeler.plan.Given.label;
import static labeler.plan.Given.plan;
import static labeler.plan.Given.unlabelable;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.linux.HostPath;
import labeler.plan.Given.Journal;
import labeler.plan.LabelState.Cause;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.Test;

/** The properties of a plan and of its facts. */
class PlanTest {
    @Test
    void a_plan_tells_in_order_what_its_handed_over_files_show_and_nothing_of_the_others() {
        Plan plan = plan(
                Journal.EMPTY,
                fixed(HOME, Cause.STORES_NONE, file("/one", WRITES)),
                file("/two", WRITES),
                unlabelable(Cause.STORES_NONE, file("/three", READS)),
                fixed(HOME, Cause.READ_ONLY, file("/four", WRITES)));

        assertThat(plan.passed()).containsExactly(Optional.of(HOME), Optional.empty());
    }

    @Test
    void without_a_journal_no_file_is_held_no_label_known_and_nobody_has_made_anything() {
        HeldFiles unknown = HeldFiles.unknown();

        assertThat(unknown.find(file("/vm/disk", WRITES).identity().orElseThrow()))
                .isEmpty();
        assertThat(unknown.knowsLabels()).isFalse();
        assertThat(unknown.maker(HostPath.of("/vm/socket"))).isEmpty();
    }

    @Test
    void with_one_the_labels_are_known() {
        HeldFiles nothingHeld = identity -> Optional.empty();

        assertThat(nothingHeld.knowsLabels()).isTrue();
    }

    @Test
    void the_context_that_a_policy_goes_by_is_that_of_the_label_also_of_one_for_good() {
        assertThat(new LabelState.Labelled(IMAGE_OF_ANOTHER).context().map(label -> label(label)))
                .contains(IMAGE_OF_ANOTHER);
        assertThat(new LabelState.Unavailable(Optional.of(HOME), "", Cause.READ_ONLY)
                        .context()
                        .map(label -> label(label)))
                .contains(HOME);
    }

    @Test
    void and_none_where_there_is_no_label_or_none_that_is_a_context() {
        assertThat(new LabelState.Unlabelled().context()).isEmpty();
        assertThat(new LabelState.Labelled(StoredLabel.of(new byte[] {1})).context())
                .isEmpty();
        assertThat(new LabelState.Unavailable(Optional.empty(), "", Cause.STORES_NONE).context())
                .isEmpty();
    }
}
