package labeler.plan;

import static labeler.plan.Given.ANOTHER_LEVEL;
import static labeler.plan.Given.CONTENT;
import static labeler.plan.Given.CONTEXTS;
import static labeler.plan.Given.IMAGE;
import static labeler.plan.Given.IMAGE_OF_ANOTHER;
import static labeler.plan.Given.IMPOSSIBLE;
import static labeler.plan.Given.LEFT;
import static labeler.plan.Given.POSSIBLE;
import static labeler.plan.Given.READS;
import static labeler.plan.Given.READS_SECRET;
import static labeler.plan.Given.TEMPORARY;
import static labeler.plan.Given.WRITES;
import static labeler.plan.Given.file;
import static labeler.plan.Given.fixed;
import static labeler.plan.Given.held;
import static labeler.plan.Given.label;
import static labeler.plan.Given.labelled;
import static labeler.plan.Given.leftAs;
import static labeler.plan.Given.only;
import static labeler.plan.Given.plan;
import static labeler.plan.Given.shareable;
import static labeler.plan.Given.unlabelable;
import static labeler.plan.Given.unlabelled;
import static labeler.plan.Given.use;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.plan.Given.Journal;
import labeler.plan.Given.LabelledFile;
import labeler.plan.LabelState.Cause;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.UseAccess;
import org.junit.jupiter.api.Test;

/** Rules that hold for every plan, over all combinations of a few facts of each kind. */
class PlannerPropertiesTest {
    /** A question to the planner about one file. */
    private record Question(LabelledFile file, Journal journal, Set<Level> foreign, HandoverSupport passing) {
        Plan answer() {
            return plan(journal, foreign, passing, file);
        }
    }

    private static final List<LabelledFile> USED = List.of(
            file("/f", WRITES),
            file("/f", READS),
            file("/f", READS_SECRET),
            file("/f", READS, WRITES),
            file("/f", WRITES, use("disk 2", FileRole.DISK, UseAccess.CREATE)),
            shareable(file("/f", WRITES)),
            shareable(file("/f", READS)));

    private static final List<UnaryOperator<LabelledFile>> LABELLED = List.of(
            file -> file,
            file -> unlabelled(file),
            file -> labelled(label(IMAGE), file),
            file -> labelled(label(CONTENT), file),
            file -> labelled(IMAGE_OF_ANOTHER, file),
            file -> labelled(TEMPORARY, file),
            file -> unlabelable(Cause.STORES_NONE, file),
            file -> fixed(label(CONTENT), Cause.ONE_FOR_ALL, file),
            file -> fixed(label(IMAGE), Cause.READ_ONLY, file));

    private static final List<UnaryOperator<LabelledFile>> LEFT_OR_NOT =
            List.of(file -> file, file -> leftAs("so", file));

    private static final List<Optional<HeldFile>> HELD = List.of(
            Optional.empty(),
            Optional.of(held(Sharing.EXCLUSIVE)),
            Optional.of(held(Sharing.EXCLUSIVE, "one")),
            Optional.of(held(Sharing.CONTENT, "one", "two")),
            Optional.of(held(Sharing.SHARED, "one")));

    private static List<Question> questions() {
        List<Question> questions = new ArrayList<>();
        for (LabelledFile used : USED) {
            for (UnaryOperator<LabelledFile> labelled : LABELLED) {
                for (UnaryOperator<LabelledFile> left : LEFT_OR_NOT) {
                    LabelledFile file = left.apply(labelled.apply(used));
                    for (Optional<HeldFile> held : HELD) {
                        Journal journal = held.map(known -> Journal.EMPTY.with(file, known))
                                .orElse(Journal.EMPTY);
                        for (HandoverSupport passing : List.of(POSSIBLE, LEFT, IMPOSSIBLE)) {
                            questions.add(new Question(file, journal, Set.of(), passing));
                            questions.add(new Question(file, journal, Set.of(ANOTHER_LEVEL), passing));
                        }
                    }
                }
            }
        }
        return questions;
    }

    @Test
    void a_file_is_refused_with_one_problem_or_has_none() {
        assertThat(questions()).allSatisfy(question -> {
            Plan plan = question.answer();
            assertThat(plan.problems()).hasSize(only(plan).treatment() == Treatment.REFUSE ? 1 : 0);
        });
    }

    @Test
    void a_file_gets_the_label_of_its_sharing_or_none() {
        assertThat(questions()).allSatisfy(question -> {
            PlannedFile file = only(question.answer());
            Optional<SecurityContext> wanted = file.treatment() == Treatment.LABEL
                    ? Optional.of(CONTEXTS.forSharing(file.sharing()))
                    : Optional.empty();
            assertThat(file.context()).isEqualTo(wanted);
        });
    }

    @Test
    void nothing_is_labelled_where_no_label_can_be_set_and_nothing_handed_over_where_one_can() {
        assertThat(questions()).allSatisfy(question -> {
            Treatment treatment = only(question.answer()).treatment();
            if (question.file().label() instanceof LabelState.Unavailable) {
                assertThat(treatment).isNotEqualTo(Treatment.LABEL);
            } else {
                assertThat(treatment).isNotEqualTo(Treatment.PASS);
            }
        });
    }

    @Test
    void no_vm_gets_what_another_one_holds_in_another_way_or_alone() {
        assertThat(questions()).allSatisfy(question -> {
            PlannedFile file = only(question.answer());
            Optional<HeldFile> holder = question.file().identity().flatMap(question.journal()::find);
            boolean isApart = holder.isPresent()
                    && !holder.get().holders().isEmpty()
                    && (holder.get().sharing() != file.sharing() || file.sharing() == Sharing.EXCLUSIVE);
            if (isApart) {
                assertThat(file.treatment()).isIn(Treatment.REFUSE, Treatment.LEAVE);
                assertThat(file.treatment() == Treatment.LEAVE)
                        .isEqualTo(question.file().file().leaveReason().isPresent());
            }
        });
    }

    @Test
    void a_label_of_ours_never_comes_back_as_what_a_file_had_before() {
        assertThat(questions()).allSatisfy(question -> {
            PlannedFile file = only(question.answer());
            Optional<HeldFile> known = question.file().identity().flatMap(question.journal()::find);
            if (file.treatment() == Treatment.LABEL && known.isPresent()) {
                Set<StoredLabel> ours = known.get().ours();
                assertThat(file.original().filter(ours::contains)).isEmpty();
            }
        });
    }

    @Test
    void the_same_facts_give_the_same_plan() {
        assertThat(questions())
                .allSatisfy(question -> assertThat(question.answer()).isEqualTo(question.answer()));
    }

    @Test
    void the_order_of_uses_changes_nothing_but_words() {
        List<FileUse> uses = List.of(
                WRITES,
                READS,
                READS_SECRET,
                use("disk 0", FileRole.DISK, UseAccess.CREATE),
                use("disk 2", FileRole.DISK, UseAccess.READ_WRITE));
        for (int some = 1; some < 1 << uses.size(); some++) {
            List<FileUse> chosen = new ArrayList<>();
            for (int at = 0; at < uses.size(); at++) {
                if ((some >> at & 1) == 1) {
                    chosen.add(uses.get(at));
                }
            }
            for (UnaryOperator<LabelledFile> declared :
                    List.<UnaryOperator<LabelledFile>>of(file -> file, file -> shareable(file))) {
                assertThat(permutations(chosen).map(order -> withoutWords(declared.apply(used(order)))))
                        .containsOnly(withoutWords(declared.apply(used(chosen))));
            }
        }
    }

    private static LabelledFile used(List<FileUse> uses) {
        return file("/f", uses.toArray(new FileUse[0]));
    }

    private static List<Object> withoutWords(LabelledFile file) {
        Plan plan = plan(Journal.EMPTY, file);
        PlannedFile planned = only(plan);
        return List.of(
                planned.treatment(),
                planned.sharing(),
                planned.context(),
                planned.original(),
                plan.problems().stream().map(Problem::kind).toList());
    }

    @Test
    void the_order_of_files_is_that_of_the_plan_and_changes_no_decision() {
        List<LabelledFile> files = List.of(
                file("/labelled", WRITES),
                leftAs("so", file("/left", READS)),
                file("/contradiction", READS, WRITES),
                unlabelable(Cause.STORES_NONE, file("/passed", READS)),
                labelled(IMAGE_OF_ANOTHER, file("/leftover", WRITES)),
                file("/held", WRITES));
        Journal journal = Journal.EMPTY.with(files.getLast(), held(Sharing.EXCLUSIVE, "one"));
        assertThat(permutations(files)).hasSize(720).allSatisfy(order -> {
            Plan whole = plan(journal, order.toArray(new LabelledFile[0]));
            List<Plan> single = order.stream().map(file -> plan(journal, file)).toList();
            assertThat(whole.files()).isEqualTo(single.stream().map(Given::only).toList());
            assertThat(whole.problems())
                    .isEqualTo(single.stream()
                            .flatMap(plan -> plan.problems().stream())
                            .toList());
        });
    }

    private static <T> Stream<List<T>> permutations(List<T> items) {
        if (items.isEmpty()) {
            return Stream.of(List.of());
        }
        return items.stream().flatMap(first -> {
            List<T> rest = new ArrayList<>(items);
            rest.remove(first);
            return permutations(rest)
                    .map(tail -> Stream.concat(Stream.of(first), tail.stream()).toList());
        });
    }
}
