package labeler.plan;

import static labeler.plan.Given.CONTENT;
import static labeler.plan.Given.HOME;
import static labeler.plan.Given.IMAGE;
import static labeler.plan.Given.READS;
import static labeler.plan.Given.READS_SECRET;
import static labeler.plan.Given.WRITES;
import static labeler.plan.Given.assertLabelled;
import static labeler.plan.Given.assertLeft;
import static labeler.plan.Given.assertRefused;
import static labeler.plan.Given.choosing;
import static labeler.plan.Given.file;
import static labeler.plan.Given.leftAs;
import static labeler.plan.Given.plan;
import static labeler.plan.Given.unlabelable;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import labeler.linux.FileType;
import labeler.plan.Given.Journal;
import labeler.plan.Given.LabelledFile;
import labeler.plan.LabelState.Cause;
import labeler.problem.Problem.Kind;
import labeler.selinux.SecurityContext;
import org.junit.jupiter.api.Test;

/** Files for which a domain chooses a label itself. Each of these has the label {@link Given#HOME} before. */
class ChosenLabelTest {
    private static final SecurityContext OWN = HOME.context().orElseThrow();
    private static final SecurityContext OTHER =
            SecurityContext.parse("system_u:object_r:public_content_t:s0").orElseThrow();

    private static final LabelledFile WRITTEN = file("/vm/disk", WRITES);
    private static final LabelledFile READ = file("/vm/iso", READS);
    private static final LabelledFile SECRET = file("/vm/key", READS_SECRET);

    private static Plan planned(LabelledFile file) {
        return plan(Journal.EMPTY, file);
    }

    @Test
    void the_label_that_the_rules_give_is_given() {
        assertLabelled(planned(choosing(WRITTEN, IMAGE)), IMAGE, Optional.of(HOME));
        assertLabelled(planned(choosing(READ, CONTENT)), CONTENT, Optional.of(HOME));
    }

    @Test
    void a_file_that_is_only_read_keeps_the_label_that_the_domain_chooses() {
        assertLeft(planned(choosing(READ, OWN)), "seclabel", Optional.of(HOME));
    }

    @Test
    void any_other_label_is_refused_with_a_way_out() {
        assertThat(planned(choosing(READ, OTHER)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains(OTHER.toString())
                        .contains(CONTENT.toString())
                        .contains("; leave that seclabel out, or give it that label before the start"));
        assertRefused(planned(choosing(WRITTEN, OTHER)), Kind.UNSUPPORTED);
    }

    /** Nothing would keep another VM from it. */
    @Test
    void a_file_that_is_written_does_not_keep_a_label_that_the_rules_do_not_give() {
        assertThat(planned(choosing(WRITTEN, OWN)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .endsWith("labeler's rules give it " + IMAGE + "; leave that seclabel out"));
    }

    /** Every VM could read it. */
    @Test
    void a_secret_does_not_keep_a_label_that_the_rules_do_not_give() {
        assertThat(planned(choosing(SECRET, OWN)).problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).endsWith("; leave that seclabel out"));
    }

    @Test
    void a_tree_does_not_keep_the_label_that_only_its_root_has() {
        assertRefused(planned(choosing(file(FileType.DIRECTORY, "/vm/tree", READS), OWN)), Kind.UNSUPPORTED);
    }

    @Test
    void two_labels_for_one_file_are_refused() {
        assertRefused(planned(choosing(READ, CONTENT, OTHER)), Kind.UNSUPPORTED);
    }

    @Test
    void a_file_that_gets_no_label_does_not_have_one_that_is_chosen() {
        assertRefused(planned(choosing(leftAs("belongs to the system", READ), CONTENT)), Kind.UNSUPPORTED);
        assertLeft(planned(choosing(leftAs("belongs to the system", READ), OWN)), "seclabel", Optional.of(HOME));
        assertThat(planned(choosing(unlabelable(Cause.STORES_NONE, WRITTEN), IMAGE))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains("give it none"));
    }

    @Test
    void what_is_refused_anyway_says_why() {
        assertThat(planned(choosing(unlabelable(Cause.READ_ONLY, WRITTEN), OTHER))
                        .problems())
                .singleElement()
                .satisfies(problem -> assertThat(problem.kind()).isEqualTo(Kind.LABELS_UNAVAILABLE));
    }
}
