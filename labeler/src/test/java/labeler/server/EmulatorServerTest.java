package labeler.server;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

@Timeout(300)
class EmulatorServerTest {
    private final Logger log = (Logger) LoggerFactory.getLogger("labeler");
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    @BeforeEach
    void listen() {
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void forget() {
        log.detachAppender(lines);
        log.setLevel(null);
    }

    @Test
    void whoever_knocks_and_goes_away_is_in_no_line_of_the_log(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            UnixDomainSocketAddress emulators =
                    UnixDomainSocketAddress.of(server.socket().resolveSibling("emulator-labeler.sock"));
            List<ILoggingEvent> before = List.copyOf(lines.list);
            for (int i = 0; i < 1_000; i++) {
                SocketChannel.open(emulators).close();
            }
            eventually("all are served", () -> isAnswered(emulators));

            assertThat(List.copyOf(lines.list)).isEqualTo(before);
        }
    }

    private static boolean isAnswered(UnixDomainSocketAddress emulators) throws IOException {
        try (SocketChannel last = SocketChannel.open(emulators)) {
            return TestServer.readAll(last).startsWith("-libvirt's hook has not announced");
        }
    }
}
