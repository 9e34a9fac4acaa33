package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.fake.FakeLinux;
import org.junit.jupiter.api.Test;

class ServiceManagerTest {
    private static final Pid OWN = new Pid(42);
    private static final String NAME = "/run/systemd/notify";
    private static final SocketName SOCKET = SocketName.parse(NAME).orElseThrow();

    private final FakeLinux linux = new FakeLinux();

    private ServiceManager manager(Map<String, String> environment) {
        return ServiceManager.of(environment, OWN, linux.linux().sockets());
    }

    @Test
    void systemd_is_told_each_state_in_its_words() {
        linux.sockets().listen(SOCKET);
        ServiceManager manager = manager(Map.of("NOTIFY_SOCKET", NAME));
        manager.ready();
        manager.alive();
        manager.stopping();
        manager.status("waits");
        assertThat(linux.sockets().datagrams(SOCKET))
                .containsExactly("READY=1", "WATCHDOG=1", "STOPPING=1", "STATUS=waits");
    }

    @Test
    void nobody_is_told_where_nobody_asked_and_nobody_listening_is_no_fault() {
        linux.sockets().listen(SOCKET);
        manager(Map.of()).ready();
        manager(Map.of("NOTIFY_SOCKET", "vsock:2:1")).ready();
        manager(Map.of("NOTIFY_SOCKET", "/run/gone")).ready();
        assertThat(linux.sockets().datagrams(SOCKET)).isEmpty();
    }

    @Test
    void the_watchdog_is_this_processs_or_anybodys() {
        Map<String, String> asked = Map.of("NOTIFY_SOCKET", NAME, "WATCHDOG_USEC", "90000000");
        assertThat(manager(asked).patience()).contains(Duration.ofSeconds(90));
        assertThat(manager(with(asked, "WATCHDOG_PID", "42")).patience()).contains(Duration.ofSeconds(90));
        assertThat(manager(with(asked, "WATCHDOG_PID", "43")).patience()).isEmpty();
    }

    @Test
    void without_a_time_or_somebody_to_tell_there_is_no_watchdog() {
        Map<String, String> told = Map.of("NOTIFY_SOCKET", NAME);
        assertThat(manager(told).patience()).isEmpty();
        assertThat(manager(with(told, "WATCHDOG_USEC", "0")).patience()).isEmpty();
        assertThat(manager(with(told, "WATCHDOG_USEC", "-1")).patience()).isEmpty();
        assertThat(manager(with(told, "WATCHDOG_USEC", "soon")).patience()).isEmpty();
        assertThat(manager(Map.of("WATCHDOG_USEC", "90000000")).patience()).isEmpty();
    }

    private static Map<String, String> with(Map<String, String> some, String name, String value) {
        Map<String, String> all = new HashMap<>(some);
        all.put(name, value);
        return all;
    }
}
