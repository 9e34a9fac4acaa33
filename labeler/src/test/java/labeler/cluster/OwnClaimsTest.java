package labeler.cluster;

import static labeler.registry.TestFiles.CONTENT;
import static labeler.registry.TestFiles.ORIGINAL;
import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.registry.ClaimId;
import labeler.registry.Mine;
import labeler.registry.ReservedPair;
import labeler.registry.ToRestore;
import labeler.selinux.CategoryPair;
import org.junit.jupiter.api.Test;

class OwnClaimsTest {
    private final OwnClaims own = new OwnClaims("boot");
    private final ToRestore base =
            new ToRestore(file(1), new ClaimId("turn"), "base", Optional.of(ORIGINAL), Set.of(CONTENT));

    @Test
    void a_late_answer_does_not_give_back_what_other_hosts_may_have_by_now() {
        own.restore(List.of(base));
        own.restored(List.of(base));
        own.restore(List.of(base));
        assertThat(own.restoring(file(1))).isEmpty();

        own.begin(new Mine(List.of(), List.of(base)));
        assertThat(own.restoring()).isEmpty();
    }

    @Test
    void nor_what_a_vm_of_this_host_has_taken_again() {
        own.restore(List.of(base));
        assertThat(own.claimed(vm("web"), Set.of(file(1)))).containsExactly(file(1));
        own.restore(List.of(base));
        assertThat(own.restoring()).isEmpty();

        ToRestore next = new ToRestore(file(1), new ClaimId("next"), "base", Optional.of(ORIGINAL), Set.of(CONTENT));
        own.left(vm("web"), Set.of(file(1)), List.of(next));
        assertThat(own.restoring(file(1))).contains(next);
    }

    private static Mine.HostedVm hosted(String name, String boot) {
        return new Mine.HostedVm(vm(name), Optional.empty(), CategoryPair.of(1, 2), boot, Set.of(file(1)));
    }

    @Test
    void only_a_vm_of_this_boot_that_the_journal_never_had_may_run_unknown() {
        own.begin(new Mine(
                List.of(hosted("lost", "boot"), hosted("known", "boot"), hosted("old", "earlier boot")), List.of()));
        own.explain(Set.of(vm("known")));
        assertThat(own.unexplained(vm("lost"))).isPresent();
        assertThat(own.unexplained(vm("known"))).isEmpty();
        assertThat(own.unexplained(vm("old"))).isEmpty();
        assertThat(own.unexplained(vm("other"))).isEmpty();

        own.ended(vm("lost"));
        assertThat(own.unexplained(vm("lost"))).isEmpty();
    }

    /** The boot is that in which the pair was taken. */
    @Test
    void a_pair_that_was_taken_in_an_earlier_boot_may_have_a_vm_of_this_one() {
        String reserved = ReservedPair.name(3).value();
        own.begin(new Mine(List.of(hosted(reserved, "earlier boot")), List.of()));
        assertThat(own.unexplained(vm(reserved))).isPresent();
    }

    @Test
    void a_vm_that_has_claimed_while_the_registry_was_asked_stays() {
        own.claimed(vm("old"), Set.of(file(1)));
        own.asksForAll();
        own.claimed(vm("web"), Set.of(file(2)));
        own.claimed(vm("gone"), Set.of(file(3)));
        own.left(vm("gone"), Set.of(file(3)), List.of());
        own.ended(vm("gone"));
        own.begin(new Mine(List.of(), List.of()));

        assertThat(own.vms()).containsExactly(vm("web"));
        assertThat(own.files(vm("web"))).containsExactly(file(2));
    }
}
