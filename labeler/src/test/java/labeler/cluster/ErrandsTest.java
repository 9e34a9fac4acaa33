package labeler.cluster;

import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import labeler.cluster.Errands.Errand;
import labeler.registry.Mine;
import labeler.registry.SharedFile;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class ErrandsTest {
    private static final VmName WEB = vm("web");
    private static final Set<SharedFile> BASE = Set.of(file(1));

    private final Errands errands = new Errands();

    private Errand joining() {
        Errand errand = errands.join(WEB);
        errands.asks(errand);
        errands.claimed(errand, BASE);
        return errand;
    }

    private void leave(VmName vm) {
        try (Errands.Leaving _ = errands.leaves(vm, BASE)) {
            assertThat(errands.mayHaveMore(vm)).isEqualTo(vm.equals(WEB));
        }
    }

    @Test
    void a_vm_may_have_more_files_until_all_of_its_requests_are_over() {
        Errand first = errands.join(WEB);
        Errand second = errands.join(WEB);
        errands.over(first, true);
        assertThat(errands.mayHaveMore(WEB)).isTrue();
        assertThat(errands.isUnderWay(WEB)).as("it has begun").isFalse();
        errands.over(second, false);
        assertThat(errands.mayHaveMore(WEB)).isFalse();
    }

    @Test
    void the_end_of_one_start_is_not_that_of_another_with_the_same_name() {
        Errand first = errands.start(WEB);
        Errand second = errands.start(WEB);
        assertThat(errands.isFirst(second)).isFalse();
        errands.over(second, false);
        assertThat(errands.isUnderWay(WEB)).isTrue();
        assertThat(errands.isFirst(first)).isTrue();
    }

    @Test
    void a_file_that_another_thread_leaves_is_lost_as_soon_as_it_is_about_to() {
        Errand errand = joining();
        try (Errands.Leaving _ = errands.leaves(WEB, BASE)) {
            assertThat(errands.lost(errand)).isEqualTo(BASE);
        }
        assertThat(errands.lost(errand)).isEqualTo(BASE);
    }

    @Test
    void a_file_that_is_left_by_nobody_after_all_is_not_lost() {
        Errand errand = joining();
        try (Errands.Leaving leaving = errands.leaves(WEB, BASE)) {
            leaving.cancel();
        }
        assertThat(errands.lost(errand)).isEmpty();
    }

    @Test
    void also_if_that_has_begun_before_the_errand() {
        try (Errands.Leaving _ = errands.leaves(WEB, BASE)) {
            assertThat(errands.lost(joining())).isEqualTo(BASE);
        }
    }

    @Test
    void what_other_vms_leave_and_what_was_left_before_the_registry_was_asked_is_not_lost() {
        Errand errand = errands.start(WEB);
        leave(WEB);
        errands.asks(errand);
        errands.claimed(errand, BASE);
        leave(vm("mail"));
        assertThat(errands.lost(errand)).isEmpty();
    }

    @Test
    void what_the_registry_does_not_have_any_more_when_it_tells_everything_is_lost() {
        OwnClaims own = new OwnClaims("boot");
        Errand errand = own.errands().join(WEB);
        own.errands().claimed(errand, BASE);
        own.claimed(WEB, BASE);
        own.begin(new Mine(List.of(), List.of()));
        assertThat(own.errands().lost(errand)).as("claimed since it was asked").isEmpty();

        own.asksForAll();
        own.begin(new Mine(List.of(), List.of()));
        assertThat(own.errands().lost(errand)).isEqualTo(BASE);
    }

    @Test
    void of_two_requests_for_one_file_the_one_that_fails_leaves_it_to_the_other() {
        Errand failing = joining();
        Errand other = joining();
        assertThat(errands.onlyOf(failing, BASE)).isEmpty();
        errands.over(other, true);
        assertThat(errands.onlyOf(failing, BASE)).as("the VM has it").isEmpty();
        Errand later = joining();
        assertThat(errands.onlyOf(later, BASE)).isEmpty();
        errands.over(failing, false);
        assertThat(errands.onlyOf(later, BASE)).isEqualTo(BASE);
    }
}
