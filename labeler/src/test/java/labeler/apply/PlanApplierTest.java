package labeler.apply;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.Stream;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.OpenedFile;
import labeler.linux.fake.FakeMount;
import labeler.problem.Problem;
import labeler.problem.Problem.Kind;
import labeler.selinux.StoredLabel;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PlanApplierTest extends ApplyTest {
    private static final String OTHERS = "system_u:object_r:container_file_t:s0:c7,c8";

    private final PlanApplier applier = new PlanApplier(labels, trees);

    private record Step(OpenedFile file, StoredLabel label, Optional<StoredLabel> before) {}

    private List<Problem> apply(List<Step> steps) {
        SequencedMap<OpenedFile, StoredLabel> labels = new LinkedHashMap<>();
        steps.forEach(step -> labels.put(step.file(), step.label()));
        return applier.apply(labels);
    }

    private Optional<Problem> takeBack(Step step) {
        return applier.takeBack(step.file(), 1, step.before(), Set.of(step.label()))
                .problem();
    }

    @BeforeEach
    void layFilesOut() {
        file("/vm/a", HOME);
        file("/vm/b");
        file("/vm/c", TEMPORARY);
    }

    private List<Step> steps() {
        return List.of(
                new Step(open("/vm/a"), label(IMAGE), Optional.of(label(HOME))),
                new Step(open("/vm/b"), label(CONTENT), Optional.empty()),
                new Step(open("/vm/c"), label(IMAGE), Optional.of(label(TEMPORARY))));
    }

    private List<String> onDisk() {
        return Stream.of("/vm/a", "/vm/b", "/vm/c")
                .map(path -> kernel.label(path).orElse("none"))
                .toList();
    }

    @Test
    void every_label_is_set() {
        assertThat(apply(steps())).isEmpty();
        assertThat(onDisk()).containsExactly(IMAGE, CONTENT, IMAGE);
    }

    @Test
    void nothing_to_do_is_nothing_done() {
        assertThat(apply(List.of())).isEmpty();
        assertThat(changes()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void an_error_at_any_step_ends_it_and_every_step_can_be_taken_back(int failing) {
        List<Step> steps = steps();
        List<String> before = onDisk();
        kernel.faults().failOn("fsetxattr", failing, Errno.EIO);

        assertThat(apply(steps)).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Kind.LABEL_NOT_SET);
            assertThat(problem.file()).contains(steps.get(failing - 1).file().path());
        });
        assertThat(onDisk().subList(0, failing - 1))
                .containsExactlyElementsOf(List.of(IMAGE, CONTENT, IMAGE).subList(0, failing - 1));
        assertThat(onDisk().subList(failing - 1, 3)).isEqualTo(before.subList(failing - 1, 3));

        assertThat(steps).allSatisfy(step -> assertThat(takeBack(step)).isEmpty());
        assertThat(onDisk()).isEqualTo(before);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void a_label_that_did_not_arrive_at_any_step_can_be_taken_back_too(int failing) {
        List<Step> steps = steps();
        List<String> before = onDisk();
        kernel.faults().failOn("fgetxattr", failing, Errno.EIO);

        assertThat(apply(steps)).extracting(Problem::kind).containsExactly(Kind.LABEL_NOT_SET);

        assertThat(steps).allSatisfy(step -> assertThat(takeBack(step)).isEmpty());
        assertThat(onDisk()).isEqualTo(before);
    }

    @Test
    void a_step_that_was_not_made_is_taken_back_without_a_change() {
        assertThat(steps()).allSatisfy(step -> assertThat(takeBack(step)).isEmpty());
        assertThat(changes()).isEmpty();
    }

    @Test
    void a_label_that_somebody_else_has_set_meanwhile_stays_and_is_told() {
        List<Step> steps = steps();
        assertThat(apply(steps.subList(0, 1))).isEmpty();
        kernel.setLabel("/vm/a", OTHERS);
        kernel.setLabel("/vm/b", OTHERS);

        for (Step step : steps.subList(0, 2)) {
            assertThat(takeBack(step)).hasValueSatisfying(problem -> {
                assertThat(problem.kind()).isEqualTo(Kind.CHANGED);
                assertThat(problem.file()).contains(step.file().path());
                assertThat(problem.message()).contains(OTHERS, "which stays");
            });
        }
        assertThat(onDisk()).containsExactly(OTHERS, OTHERS, TEMPORARY);
    }

    /** Of a start that ends with it, the exit code says that somebody does not answer. */
    @Test
    void what_may_not_be_taken_back_yet_says_why() {
        Step step = steps().getFirst();
        apply(List.of(step));
        Reverter.NotNow silent = new Reverter.NotNow(Kind.NO_REGISTRY, "the registry does not answer");

        PlanApplier.TakenBack end = applier.takeBack(step.file(), silent, "boot");

        assertThat(end.isOver()).isFalse();
        assertThat(end.problem())
                .contains(Problem.of(Kind.NO_REGISTRY, step.file().path(), silent.message()));
        assertThat(onDisk().getFirst()).isEqualTo(IMAGE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"fgetxattr", "fsetxattr"})
    void a_step_that_cannot_be_taken_back_is_a_problem(String call) {
        Step step = steps().getFirst();
        apply(List.of(step));
        kernel.faults().failAlways(call, "/vm/a", Errno.EIO);

        assertThat(takeBack(step)).hasValueSatisfying(problem -> {
            assertThat(problem.kind()).isEqualTo(Kind.LABEL_NOT_SET);
            assertThat(problem.file()).contains(HostPath.of("/vm/a"));
        });
    }

    @ParameterizedTest
    @CsvSource({
        "ENOSPC, free some space there",
        "EDQUOT, free some space there",
        "EROFS, mount the file system writable",
        "EPERM, the service needs CAP_SYS_ADMIN",
        "EACCES, the service needs CAP_SYS_ADMIN",
        "EINVAL, install the policy module"
    })
    void a_problem_names_the_way_out(Errno errno, String wayOut) {
        kernel.faults().failOn("fsetxattr", 1, errno);

        assertThat(apply(steps()))
                .extracting(Problem::message)
                .singleElement()
                .asString()
                .startsWith("fsetxattr /vm/a: " + errno.text() + "; ")
                .contains(wayOut);
    }

    @Test
    void where_there_is_none_the_kernels_words_are_all() {
        kernel.faults().failOn("fsetxattr", 1, Errno.EIO);

        assertThat(apply(steps())).extracting(Problem::message).containsExactly("fsetxattr /vm/a: " + Errno.EIO.text());
    }

    @Test
    void a_mount_that_refuses_labels_is_worth_another_plan_once() {
        kernel.rootMount().refusingLabels(true);

        assertThat(apply(steps())).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Kind.LABELS_UNAVAILABLE);
            assertThat(problem.file()).contains(HostPath.of("/vm/a"));
            assertThat(problem.message()).contains("try once more");
        });
        assertThat(apply(steps())).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(Kind.LABEL_NOT_SET);
            assertThat(problem.message()).contains("name a file on a file system that stores labels");
        });
    }

    @Test
    void and_not_worth_one_where_nobody_can_tell_which_mount_it_is() {
        FakeMount mount = kernel.rootMount().refusingLabels(true);
        kernel.faults().failOn("poll", 1, Errno.EIO);

        assertThat(apply(steps())).extracting(Problem::kind).containsExactly(Kind.LABEL_NOT_SET);

        mount.refusingLabels(false);
        assertThat(apply(steps())).isEmpty();
    }
}
