package labeler.lifecycle;

import static labeler.waiting.Eventually.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import labeler.problem.Problem;
import org.junit.jupiter.api.Test;

/** qemu takes firmware and the like from the directory in which it starts, before its packages' own. */
class FilesBesideQemuTest extends HostTest {
    private List<Problem> planned(TestVm vm) {
        return switch (host.lifecycle().plan(vm.request())) {
            case PlanOutcome.Planned(VmView view) -> view.problems();
            case PlanOutcome.NotPlanned(List<Problem> problems) -> problems;
        };
    }

    private TestVm beside(String file, String... options) {
        host.raw(file);
        return host.vm("one").qemuIn("/begun", options);
    }

    @Test
    void firmware_beside_which_qemu_is_started_is_refused_since_qemu_takes_it_for_its_own() {
        TestVm vm = beside("/begun/bios-256k.bin", "-m", "1G");

        assertThat(vm.refusal())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message())
                        .contains("/begun/bios-256k.bin", "in another directory")
                        .doesNotContain("\n"));
        assertThat(planned(vm)).isEqualTo(vm.refusal());
    }

    @Test
    void so_is_the_layout_of_a_keyboard() {
        assertThat(beside("/begun/en-us", "-m", "1G").refusal()).hasSize(1);
    }

    @Test
    void so_is_the_layout_of_a_keyboard_that_an_option_names() {
        assertThat(beside("/begun/mymap", "-k", "mymap").refusal()).hasSize(1);
    }

    @Test
    void other_files_beside_which_qemu_is_started_do_not_matter() {
        assertThat(planned(beside("/begun/disk"))).isEmpty();
        assertThat(planned(beside("/other/bios-256k.bin"))).isEmpty();
        assertThat(planned(beside("/begun/en-us", "-k", "de"))).isEmpty();
        // An option names it: it is a file of the VM's.
        assertThat(planned(beside("/begun/bios-256k.bin", "-bios", "bios-256k.bin", "-k", "de")))
                .isEmpty();
    }

    /** A call there may never return, and a start waits no longer for it than for any other file. */
    @Test
    void a_directory_that_does_not_answer_is_named() throws IOException {
        host.kernel.mount("/san");
        host.beImpatient();
        CountDownLatch answers = new CountDownLatch(1);
        try {
            host.kernel.faults().beforeNext("statx", "/san", () -> await(answers));

            host.vm("one").qemuIn("/san", "-m", "1G").isRefusedWith(Problem.Kind.NOT_ANSWERING, "/san");
        } finally {
            answers.countDown();
        }
    }
}
