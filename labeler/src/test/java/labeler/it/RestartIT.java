package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import labeler.guard.QmpClient;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * What clients of guarded monitors see of a restart of the service, where systemd keeps its sockets. (LibvirtDomainIT has
 * libvirt's connections.)
 */
@Timeout(600)
class RestartIT {
    private static final String VM = "web1";

    private final Path temporary;

    @AutoClose
    private final ManagedService managed;

    private final Path guarded;

    RestartIT(@TempDir Path temporary) throws IOException {
        this.temporary = temporary;
        Machine.requireRootAnd("qemu-system-x86_64", "qemu-img", "python3");
        managed = ManagedService.started(temporary);
        guarded = managed.service().runDirectory().resolve("vms").resolve(VM).resolve("qmp.sock");
    }

    private Qemu run(String... options) throws IOException {
        Qemu qemu = Qemu.start(managed.service().running(VM, Images.qemu(options)));
        eventually("a socket at " + guarded, () -> Files.exists(guarded));
        // The launcher has become qemu.
        try (QmpClient client = new QmpClient(guarded)) {
            assertServed(client);
        }
        return qemu;
    }

    private static void assertServed(QmpClient client) throws IOException {
        assertThat(client.negotiated().done("{\"execute\":\"query-status\"}").toString())
                .contains("prelaunch");
    }

    private static Object identity(Path socket) throws IOException {
        return Files.readAttributes(socket, BasicFileAttributes.class).fileKey();
    }

    @Test
    void clients_that_connect_while_there_is_no_service_are_served_by_the_next() throws IOException {
        Path other = temporary.resolve("other");
        try (Qemu _ = run("-qmp", "unix:" + other + ",server=on,wait=off");
                QmpClient before = new QmpClient(guarded)) {
            assertServed(before);
            assertThat(managed.kept()).isEqualTo(2);
            Object identity = identity(guarded);
            managed.stop();
            assertThatThrownBy(() -> before.ask("{\"execute\":\"query-status\"}"))
                    .isInstanceOf(IOException.class);
            List<QmpClient> waiting = new ArrayList<>();
            for (int i = 0; i < 10; i++) {
                waiting.add(new QmpClient(i % 2 == 0 ? guarded : other));
            }
            managed.restart();
            for (QmpClient client : waiting) {
                assertServed(client);
                client.close();
            }
            assertThat(identity(guarded)).isEqualTo(identity);
            managed.killAndStart();
            try (QmpClient after = new QmpClient(other)) {
                assertServed(after);
            }
            assertThat(managed.kept()).isEqualTo(2);
        }
        managed.service().awaitGone(VM);
        eventually("nothing of it is kept", () -> managed.kept() == 0);
        managed.service().assertNoStackTrace();
    }

    @Test
    void a_socket_in_whose_place_another_was_put_is_made_anew() throws IOException {
        try (Qemu _ = run()) {
            managed.stop();
            Files.delete(guarded);
            try (ServerSocketChannel foreign = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                foreign.bind(UnixDomainSocketAddress.of(guarded));
                managed.restart();
                try (QmpClient client = new QmpClient(guarded)) {
                    assertServed(client);
                }
            }
            managed.restart();
            try (QmpClient client = new QmpClient(guarded)) {
                assertServed(client);
            }
            assertThat(managed.kept()).isEqualTo(1);
        }
    }

    @Test
    void of_a_vm_that_ended_meanwhile_nothing_is_kept() throws IOException {
        Qemu qemu = run();
        assertThat(managed.kept()).isEqualTo(1);
        managed.stop();
        qemu.close();
        managed.restart();
        eventually("nothing of it is kept", () -> managed.kept() == 0);
        assertThat(guarded).doesNotExist();
    }
}
