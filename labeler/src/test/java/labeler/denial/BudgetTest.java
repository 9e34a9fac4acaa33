package labeler.denial;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.stream.Stream;
import labeler.explain.AuditRecords;
import labeler.explain.Denial;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;

class BudgetTest {
    private static final Instant BEGIN = Instant.parse("2026-11-27T07:44:55Z");
    private static final VmName WEB = VmName.parse("web1").orElseThrow();

    private final Budget budget = new Budget(BEGIN);

    private static Denial denial(int inode) {
        return AuditRecords.read(Stream.of("type=1400 msg=audit(1764230695.123:" + inode
                        + "): avc:  denied  { read } for  pid=12 comm=\"qemu\" name=\"a\" dev=\"vda1\" ino=" + inode
                        + " scontext=system_u:system_r:svirt_t:s0:c1,c101"
                        + " tcontext=system_u:object_r:virt_image_t:s0 tclass=file permissive=0"))
                .denials()
                .getFirst();
    }

    @Test
    void the_same_is_told_once_in_a_while_with_the_number_of_all() {
        assertThat(budget.take(WEB, denial(1), 3, BEGIN)).isEqualTo(3);
        assertThat(budget.take(WEB, denial(1), 5, BEGIN.plusSeconds(1))).isZero();
        assertThat(budget.take(WEB, denial(1), 1, BEGIN.plus(Budget.SILENCE).minusMillis(1)))
                .isZero();
        assertThat(budget.take(WEB, denial(1), 1, BEGIN.plus(Budget.SILENCE))).isEqualTo(7);
        assertThat(budget.take(WEB, denial(2), 1, BEGIN.plus(Budget.SILENCE))).isEqualTo(1);
    }

    @Test
    void a_vm_that_provokes_many_is_told_of_now_and_then_and_leaves_room_for_others() {
        for (int inode = 1; inode <= 10 * Budget.OF_VM; inode++) {
            assertThat(budget.take(WEB, denial(inode), 1, BEGIN)).isEqualTo(inode <= Budget.OF_VM ? 1 : 0);
        }
        VmName other = VmName.parse("db1").orElseThrow();
        assertThat(budget.take(other, denial(1), 1, BEGIN)).isEqualTo(1);

        assertThat(budget.untold(BEGIN)).isEmpty();
        Instant next = budget.next(BEGIN).orElseThrow();
        assertThat(next).isEqualTo(BEGIN.plus(Budget.PERIOD_OF_VM));
        assertThat(budget.untold(next)).isEqualTo(Map.of(WEB, 9L * Budget.OF_VM));
        assertThat(budget.untold(next)).isEmpty();
        assertThat(budget.next(next)).isEmpty();

        Instant later = next.plus(Budget.PERIOD_OF_VM);
        assertThat(budget.take(WEB, denial(5_000), 1, later)).isEqualTo(1);
        assertThat(budget.take(WEB, denial(5_001), 1, later)).isZero();
    }

    /** Each VM is denied the same, by one mistake in the policy. */
    @Test
    void all_vms_together_have_a_bound() {
        int told = 0;
        for (int vm = 0; vm < 2 * Budget.OF_ALL; vm++) {
            VmName name = VmName.parse("vm" + vm).orElseThrow();
            told += budget.take(name, denial(1), 1, BEGIN) > 0 ? 1 : 0;
        }
        assertThat(told).isEqualTo(Budget.OF_ALL);

        int rest = 0;
        Instant now = BEGIN;
        for (int i = 0; i < Budget.OF_ALL; i++) {
            now = budget.next(now).orElseThrow();
            Map<VmName, Long> untold = budget.untold(now);
            assertThat(untold).hasSize(1);
            rest++;
        }
        assertThat(budget.next(now)).isEmpty();
        assertThat(rest).isEqualTo(Budget.OF_ALL);
        assertThat(Duration.between(BEGIN, now)).isEqualTo(Budget.PERIOD_OF_ALL.multipliedBy(Budget.OF_ALL));
    }

    @Test
    void a_clock_that_was_set_back_gives_nothing_away_and_stops_nothing() {
        for (int inode = 1; inode <= Budget.OF_VM; inode++) {
            budget.take(WEB, denial(inode), 1, BEGIN);
        }
        Instant before = BEGIN.minus(Duration.ofDays(1));
        assertThat(budget.take(WEB, denial(7_000), 1, before)).isZero();
        assertThat(budget.take(WEB, denial(7_001), 1, before.plus(Budget.PERIOD_OF_VM)))
                .isEqualTo(1);
    }
}
