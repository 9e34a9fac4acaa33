package labeler.plan;

import static labeler.plan.Given.READS;
import static labeler.plan.Given.READS_SECRET;
import static labeler.plan.Given.WRITES;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SharingTest {
    @Test
    void a_vm_that_only_reads_shares_with_readers_or_with_writers_if_it_says_that_there_may_be_some() {
        assertThat(Sharing.of(List.of(READS, READS), false)).containsExactly(Sharing.CONTENT);
        assertThat(Sharing.of(List.of(READS), true)).containsExactly(Sharing.SHARED);
    }

    @Test
    void a_secret_among_readings_is_a_secret_in_all_of_them() {
        assertThat(Sharing.of(List.of(READS_SECRET), false)).containsExactly(Sharing.EXCLUSIVE);
        assertThat(Sharing.of(List.of(READS, READS_SECRET), true)).containsExactly(Sharing.EXCLUSIVE);
    }

    @Test
    void whoever_writes_has_it_alone_unless_it_is_declared_shareable() {
        assertThat(Sharing.of(List.of(WRITES), false)).containsExactly(Sharing.EXCLUSIVE);
        assertThat(Sharing.of(List.of(WRITES), true)).containsExactly(Sharing.SHARED);
    }

    @Test
    void reading_and_writing_ask_for_two_things() {
        assertThat(Sharing.of(List.of(WRITES, READS), false)).containsExactly(Sharing.EXCLUSIVE, Sharing.CONTENT);
        assertThat(Sharing.of(List.of(READS, WRITES), true)).containsExactly(Sharing.CONTENT, Sharing.SHARED);
    }

    @Test
    void a_secret_and_a_writing_agree() {
        assertThat(Sharing.of(List.of(READS_SECRET, WRITES), false)).containsExactly(Sharing.EXCLUSIVE);
        assertThat(Sharing.of(List.of(READS_SECRET, WRITES), true)).containsExactly(Sharing.SHARED);
    }

    @Test
    void what_one_vm_writes_it_has_alone_and_all_else_allows_others() {
        assertThat(Sharing.values()).filteredOn(Sharing::allowsOthers).containsExactly(Sharing.CONTENT, Sharing.SHARED);
    }
}
