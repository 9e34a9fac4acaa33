package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import labeler.chain.ImageFormat;
import labeler.lifecycle.hold.OtherHosts;
import labeler.problem.Problem;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A VM that is about to come from another host has its level already. */
class ArrivalTest extends HostTest {
    private static final String THERE = "system_u:system_r:svirt_t:s0:c7,c8";

    @BeforeEach
    void runsElsewhere() {
        host.beside.runs(new OtherHosts.RunsOn("alpha", CategoryPair.of(7, 8)));
    }

    private TestVm vm() {
        return host.vm("one").disk("/vm/a", ImageFormat.QCOW2);
    }

    private ArrivalOutcome arrival(TestVm vm) {
        return host.lifecycle().arrival(vm.request());
    }

    private void assertRefused() {
        assertThat(arrival(vm()))
                .isInstanceOfSatisfying(
                        ArrivalOutcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .singleElement()
                                .satisfies(problem -> {
                                    assertThat(problem.kind()).isEqualTo(Problem.Kind.LEVEL_IN_USE);
                                    assertThat(problem.message())
                                            .contains("s0:c7,c8", "on host alpha")
                                            .hasLineCount(1);
                                }));
        assertThat(host.label("/vm/a")).as("nothing has changed").isEqualTo("none");
        assertThat(host.lifecycle().names()).doesNotContain(new VmName("one"));
    }

    @Test
    void it_may_come_at_that_level() {
        assertThat(arrival(vm())).isEqualTo(new ArrivalOutcome.Comes("alpha", TestHost.context(THERE)));
        assertThat(arrival(vm().ofLibvirt(THERE)))
                .as("by a static label, too")
                .isEqualTo(new ArrivalOutcome.Comes("alpha", TestHost.context(THERE)));
        assertThat(host.lifecycle().names()).isEmpty();
        assertThat(host.label("/vm/a")).isEqualTo("none");
    }

    @Test
    void a_static_label_of_a_type_that_is_no_vms_is_refused() {
        assertThat(arrival(vm().ofLibvirt("system_u:system_r:svirt_tcg_t:s0:c7,c8")))
                .isEqualTo(new ArrivalOutcome.Refused(List.of(Problem.of(
                        Problem.Kind.NOT_UNDERSTOOD,
                        "the definition's label system_u:system_r:svirt_tcg_t:s0:c7,c8 is of no type that this host's"
                                + " virtual_domain_context has for VMs; make it one of svirt_t"))));
    }

    @Test
    void a_process_at_the_level_keeps_it_away() {
        host.kernel.processes().start(50, THERE);
        assertRefused();
    }

    @Test
    void a_vm_at_the_level_keeps_it_away() {
        host.vm("two").disk("/vm/b", ImageFormat.QCOW2).level("s0:c7,c8").start();
        assertRefused();
        host.stop("two");
        // Until its labels are on disk it has the level still.
        assertThat(host.lifecycle().recover(false, false).stale())
                .extracting(FileReport::outcome)
                .doesNotContain(FileReport.Outcome.FAILED);
        assertThat(arrival(vm())).isInstanceOf(ArrivalOutcome.Comes.class);
    }

    @Test
    void what_others_say_is_passed_on() {
        Problem silent = Problem.of(Problem.Kind.NO_REGISTRY, "nobody answers");
        host.beside.runs(new OtherHosts.MayNotCome(List.of(silent)));
        assertThat(arrival(vm())).isEqualTo(new ArrivalOutcome.Refused(List.of(silent)));
        host.beside.runs(new OtherHosts.Nowhere());
        assertThat(arrival(vm())).isEqualTo(new ArrivalOutcome.Unknown());
    }

    @Test
    void labels_that_another_host_may_need_stay_at_the_end() {
        host.kernel.setLabel("/vm", "unconfined_u:object_r:virt_image_t:s0");
        host.kernel.setLabel("/vm/a", TestHost.HOME);
        VmView vm = vm().start();
        String libvirts = "unconfined_u:object_r:svirt_image_t:" + vm.level();
        host.kernel.setLabel("/vm/a", libvirts);
        host.raw("/vm/new");
        host.kernel.setLabel("/vm/new", libvirts);
        host.beside.need(Optional.of("it may be needed on host beta"));

        VmReport report = host.lifecycle()
                .stop(vm.vm(), Optional.of(vm().request().definition()))
                .orElseThrow();

        assertThat(host.label("/vm/a")).isEqualTo(libvirts);
        assertThat(host.label("/vm/new")).isEqualTo(libvirts);
        assertThat(report.files())
                .filteredOn(file -> file.message().contains("it may be needed on host beta"))
                .extracting(file -> file.path().printable())
                .containsOnly("/vm/a", "/vm/new");

        host.beside.need(Optional.empty());
        RecoveryReport _ = host.lifecycle().recover(false, false);
        assertThat(host.label("/vm/a")).isEqualTo(TestHost.HOME);
    }

    @Test
    void labels_that_nobody_needs_go() {
        host.kernel.setLabel("/vm", "unconfined_u:object_r:virt_image_t:s0");
        VmView vm = vm().start();
        host.raw("/vm/new");
        host.kernel.setLabel("/vm/new", "unconfined_u:object_r:svirt_image_t:" + vm.level());

        VmReport _ = host.lifecycle()
                .stop(vm.vm(), Optional.of(vm().request().definition()))
                .orElseThrow();

        assertThat(host.label("/vm/new")).isEqualTo("system_u:object_r:virt_image_t:s0");
    }
}
