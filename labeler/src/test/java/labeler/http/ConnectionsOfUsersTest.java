package labeler.http;

import static org.assertj.core.api.Assertions.assertThat;

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
}
