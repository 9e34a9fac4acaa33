package labeler.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import labeler.config.ConfigReader;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

final class DoctorOfWrongSettingsTest {
    /** The socket is systemd's, and a client waits there until somebody accepts it. */
    @Test
    @Timeout(value = 100, threadMode = Timeout.ThreadMode.SEPARATE_THREAD, unit = TimeUnit.SECONDS)
    void the_doctor_does_not_wait_for_a_service_that_its_settings_keep_from_starting(@TempDir Path directory)
            throws IOException {
        Path socket = directory.resolve("s");
        try (ServerSocketChannel listening = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            listening.bind(UnixDomainSocketAddress.of(socket));
            EmptyHost host = new EmptyHost(Map.of("LABELER_SOCKET", socket.toString()), Map.of());
            host.exec = Optional.of(JnaLinux.create().exec());
            host.settings = new ConfigReader.Invalid("labeler.toml: unknown setting nonsense");

            Ran ran = Ran.on(host, false, "doctor");

            assertThat(ran.exitCode()).isEqualTo(1);
            assertThat(ran.out()).contains("unknown setting nonsense").contains("it does not start with its settings");
        }
    }
}
