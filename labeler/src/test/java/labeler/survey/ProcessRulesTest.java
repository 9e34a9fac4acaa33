package labeler.survey;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Pid;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost.Mode;
import labeler.selinux.VirtualContexts;
import org.junit.jupiter.api.Test;

/** What parts VMs that run, on a host without files. */
class ProcessRulesTest {
    private static final ProcessWall STANDS = new ProcessWall.Stands("SELinux");
    private static final ProcessWall MISSING = new ProcessWall.Missing("SELinux lets it open every VM's files");

    private final List<VmFacts> vms = new ArrayList<>();

    private static SecurityContext context(String text) {
        return SecurityContext.parse("system_u:object_r:" + text).orElseThrow();
    }

    private void runs(String name, String level) {
        runs(name, "svirt_t:" + level, STANDS);
    }

    private void runs(String name, String context, ProcessWall wall) {
        Pid pid = new Pid(vms.size() + 1);
        vms.add(new VmFacts(
                new VmIdentity(Optional.of(name), Optional.of(pid)),
                Optional.of(new ProcessFacts(pid, 107, wall, Optional.of(context(context)), Optional.empty())),
                List.of(),
                List.of()));
    }

    private List<Flaw> unparted() {
        SecurityContext image = context("svirt_image_t:s0");
        HostFacts host = new HostFacts(
                Mode.ENFORCING,
                new VirtualContexts(context("svirt_t:s0"), Optional.of(context("svirt_tcg_t:s0")), image, image),
                List.of(),
                Optional.of(Set.of()),
                vms,
                List.of(),
                List.of());
        return Judgement.of(new Sight(host, new Looked(vms.size(), 0, 0, 0), List.of())).findings().stream()
                .filter(flaw -> flaw.kind() == FlawKind.SAME_PAIR)
                .toList();
    }

    @Test
    void two_at_one_level_that_is_no_pair_are_a_danger() {
        for (List<String> levels : List.of(
                List.of("s0", "s0"),
                List.of("s0:c5", "s0:c5"),
                List.of("s0:c1,c2,c3", "s0:c1.c3"),
                List.of("s0:c1,c2", "s0-s0:c1,c2"))) {
            vms.clear();
            runs("a", levels.getFirst());
            runs("b", levels.getLast());

            assertThat(unparted()).as("%s", levels).singleElement().satisfies(flaw -> {
                assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
                assertThat(flaw.harm()).contains("run at " + levels.getFirst());
                assertThat(flaw.names()).isEqualTo("a (process 1), b (process 2)");
            });
        }
    }

    @Test
    void one_whose_level_includes_that_of_another_is_a_danger_to_it() {
        runs("a", "s0:c5");
        runs("b", "s0:c5,c9");
        runs("c", "s0:c6,c9");
        assertThat(unparted()).singleElement().satisfies(flaw -> {
            assertThat(flaw.severity()).isEqualTo(Severity.DANGER);
            assertThat(flaw.names()).isEqualTo("a (process 1), b (process 2)");
            assertThat(flaw.harm())
                    .isEqualTo(
                            "VMs at s0:c5,c9 may open all files of those at s0:c5, since that level is part of theirs");
        });
    }

    @Test
    void pairs_and_other_levels_that_do_not_include_each_other_are_none() {
        for (String level : List.of("s0:c5", "s0:c6", "s0:c1,c2", "s0:c2,c3", "s0:c1,c3,c4")) {
            runs("vm", level);
        }
        assertThat(unparted()).isEmpty();
    }

    @Test
    void many_at_pairs_of_their_own_beside_one_without_categories_are_one_finding() {
        runs("open", "s0");
        for (int vm = 0; vm < 500; vm++) {
            runs("vm" + vm, "s0:c" + vm + ",c" + (vm + 1));
        }
        assertThat(unparted()).singleElement().satisfies(flaw -> {
            assertThat(flaw.vms()).hasSize(501);
            assertThat(flaw.harm()).contains("s0:c3,c4 and 496 more levels");
        });
    }

    /** That it has no wall is told, and says more. */
    @Test
    void whom_selinux_does_not_confine_runs_at_no_level_of_a_vm() {
        runs("a", "unconfined_t:s0-s0:c0.c1023", MISSING);
        runs("b", "unconfined_t:s0-s0:c0.c1023", MISSING);
        runs("c", "s0:c1,c2");
        assertThat(unparted()).isEmpty();

        runs("d", "svirt_t:s0:c1,c2,c3", MISSING);
        assertThat(unparted()).as("a permissive host").hasSize(1);
    }

    /** The policy parts these from VMs by their types. Their own wall is the kernel's answer. */
    @Test
    void the_level_of_a_type_that_is_no_vms_reaches_no_vm_and_lets_in_none() {
        ProcessWall container = new ProcessWall.Unknown("it runs in a container");
        ProcessWall landlock = new ProcessWall.Stands("labeler: Landlock");
        runs("privileged", "spc_t:s0", container);
        runs("privileged as well", "spc_t:s0", container);
        runs("all categories", "spc_t:s0-s0:c0.c1023", container);
        runs("by hand", "staff_t:s0-s0:c0.c1023", STANDS);
        runs("by a user's hand", "user_t:s0", STANDS);
        runs("by labeler", "unconfined_t:s0-s0:c0.c1023", landlock);
        runs("confined container", "container_t:s0:c1,c2,c3", container);
        runs("vm", "s0:c1,c2");
        runs("emulated", "svirt_tcg_t:s0:c3,c4", STANDS);
        assertThat(unparted()).isEmpty();
    }

    @Test
    void one_pair_is_a_danger_whatever_the_types_and_a_larger_level_only_among_those_of_vms() {
        runs("container", "container_t:s0:c1,c2", new ProcessWall.Unknown("it runs in a container"));
        runs("vm", "s0:c1,c2");
        assertThat(unparted())
                .singleElement()
                .satisfies(flaw -> assertThat(flaw.vms()).hasSize(2));

        vms.clear();
        runs("container", "container_t:s0:c1,c2", new ProcessWall.Unknown("it runs in a container"));
        runs("vm", "s0:c1,c2,c3");
        assertThat(unparted()).isEmpty();

        runs("emulated", "svirt_tcg_t:s0:c2,c3", STANDS);
        assertThat(unparted())
                .singleElement()
                .satisfies(flaw -> assertThat(flaw.names()).isEqualTo("emulated (process 3), vm (process 2)"));
    }
}
