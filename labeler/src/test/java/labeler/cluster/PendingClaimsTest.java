package labeler.cluster;

import static labeler.registry.TestFiles.file;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import labeler.cluster.PendingClaims.PendingClaim;
import labeler.registry.Mine;
import labeler.registry.SharedFile;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class PendingClaimsTest {
    private static final VmName WEB = vm("web");
    private static final Set<SharedFile> BASE = Set.of(file(1));

    private final PendingClaims claims = new PendingClaims();

    private PendingClaim joining() {
        PendingClaim claim = claims.join(WEB);
        claims.asks(claim);
        claims.claimed(claim, BASE);
        return claim;
    }

    private void leave(VmName vm) {
        try (PendingClaims.Leaving _ = claims.leaves(vm, BASE)) {
            assertThat(claims.mayHaveMore(vm)).isEqualTo(vm.equals(WEB));
        }
    }

    @Test
    void a_vm_may_have_more_files_until_all_of_its_requests_are_over() {
        PendingClaim first = claims.join(WEB);
        PendingClaim second = claims.join(WEB);
        claims.over(first, true);
        assertThat(claims.mayHaveMore(WEB)).isTrue();
        assertThat(claims.isUnderWay(WEB)).as("it has begun").isFalse();
        claims.over(second, false);
        assertThat(claims.mayHaveMore(WEB)).isFalse();
    }

    @Test
    void the_end_of_one_start_is_not_that_of_another_with_the_same_name() {
        PendingClaim first = claims.start(WEB);
        PendingClaim second = claims.start(WEB);
        assertThat(claims.isFirst(second)).isFalse();
        claims.over(second, false);
        assertThat(claims.isUnderWay(WEB)).isTrue();
        assertThat(claims.isFirst(first)).isTrue();
    }

    @Test
    void a_file_that_another_thread_leaves_is_lost_as_soon_as_it_is_about_to() {
        PendingClaim claim = joining();
        try (PendingClaims.Leaving _ = claims.leaves(WEB, BASE)) {
            assertThat(claims.lost(claim)).isEqualTo(BASE);
        }
        assertThat(claims.lost(claim)).isEqualTo(BASE);
    }

    @Test
    void a_file_that_is_left_by_nobody_after_all_is_not_lost() {
        PendingClaim claim = joining();
        try (PendingClaims.Leaving leaving = claims.leaves(WEB, BASE)) {
            leaving.cancel();
        }
        assertThat(claims.lost(claim)).isEmpty();
    }

    @Test
    void also_if_that_has_begun_before_the_claim() {
        try (PendingClaims.Leaving _ = claims.leaves(WEB, BASE)) {
            assertThat(claims.lost(joining())).isEqualTo(BASE);
        }
    }

    @Test
    void what_other_vms_leave_and_what_was_left_before_the_registry_was_asked_is_not_lost() {
        PendingClaim claim = claims.start(WEB);
        leave(WEB);
        claims.asks(claim);
        claims.claimed(claim, BASE);
        leave(vm("mail"));
        assertThat(claims.lost(claim)).isEmpty();
    }

    @Test
    void what_the_registry_does_not_have_any_more_when_it_tells_everything_is_lost() {
        OwnClaims own = new OwnClaims("boot");
        PendingClaim claim = own.pendingClaims().join(WEB);
        own.pendingClaims().claimed(claim, BASE);
        own.claimed(WEB, BASE);
        own.begin(new Mine(List.of(), List.of()));
        assertThat(own.pendingClaims().lost(claim))
                .as("claimed since it was asked")
                .isEmpty();

        own.asksForAll();
        own.begin(new Mine(List.of(), List.of()));
        assertThat(own.pendingClaims().lost(claim)).isEqualTo(BASE);
    }

    @Test
    void of_two_requests_for_one_file_the_one_that_fails_leaves_it_to_the_other() {
        PendingClaim failing = joining();
        PendingClaim other = joining();
        assertThat(claims.onlyOf(failing, BASE)).isEmpty();
        claims.over(other, true);
        assertThat(claims.onlyOf(failing, BASE)).as("the VM has it").isEmpty();
        PendingClaim later = joining();
        assertThat(claims.onlyOf(later, BASE)).isEmpty();
        claims.over(failing, false);
        assertThat(claims.onlyOf(later, BASE)).isEqualTo(BASE);
    }
}
