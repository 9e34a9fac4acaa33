package labeler.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ConnectionsOfUsersTest {
    @Test
    void a_user_has_so_many_and_another_one_its_own() {
        ConnectionsOfUsers users = new ConnectionsOfUsers(2);
        assertThat(users.enter(1)).isTrue();
        assertThat(users.enter(1)).isTrue();
        assertThat(users.enter(1)).isFalse();
        assertThat(users.enter(2)).isTrue();
        users.leave(1);
        assertThat(users.enter(1)).isTrue();
        assertThat(users.enter(1)).isFalse();
    }

    @Test
    void memory_is_given_until_there_is_none_and_again_once_it_is_back() {
        MemoryBudget budget = new MemoryBudget(10);
        MemoryBudget.Share share = budget.take(8, Duration.ZERO).orElseThrow();
        assertThat(budget.take(3, Duration.ofMillis(1))).isEmpty();
        share.close();
        assertThat(budget.take(10, Duration.ZERO)).isPresent();
    }
}
