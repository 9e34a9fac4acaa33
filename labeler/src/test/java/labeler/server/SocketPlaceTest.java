package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.OptionalInt;
import labeler.http.Limits;
import labeler.listen.PeerRules;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SocketPlaceTest {
    private static final int GROUP = 54_321;

    @Test
    void the_socket_is_roots_alone_or_the_groups_too(@TempDir Path directory) throws IOException {
        try (TestServer server = TestServer.start(directory)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
                    .isEqualTo("rw-------");
        }
        Capability.ROOT.assume();
        try (TestServer server =
                TestServer.start(directory, new PeerRules(0, OptionalInt.of(GROUP), List.of()), Limits.DEFAULT)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.socket())))
                    .isEqualTo("rw-rw----");
            assertThat(Files.getAttribute(server.socket(), "unix:gid")).isEqualTo(GROUP);
            try (var names = Files.list(directory)) {
                assertThat(names)
                        .containsExactlyInAnyOrder(
                                server.socket(),
                                directory.resolve("descriptors-labeler.sock"),
                                directory.resolve("emulator-labeler.sock"),
                                directory.resolve("state"));
            }
        }
    }

    @Test
    void the_name_is_gone_after_a_stop(@TempDir Path directory) throws IOException {
        Path socket;
        try (TestServer server = TestServer.start(directory)) {
            socket = server.socket();
        }
        assertThat(Files.exists(socket, LinkOption.NOFOLLOW_LINKS)).isFalse();
    }

    @Test
    void a_directory_that_another_user_made_under_the_expected_name_is_not_used(@TempDir Path directory)
            throws IOException {
        Capability.ROOT.assume();
        Path trap = Files.createDirectory(directory.resolve(".labeler.sock.new"));
        Files.setPosixFilePermissions(trap, PosixFilePermissions.fromString("rwxrwxrwx"));
        Files.setAttribute(trap, "unix:uid", 65_534);
        try (TestServer server = TestServer.start(directory)) {
            assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(trap)))
                    .isEqualTo("rwxrwxrwx");
        }
    }

    @Test
    void a_stale_socket_is_replaced(@TempDir Path directory) throws IOException {
        Path socket = directory.resolve("labeler.sock");
        ServerSocketChannel.open(StandardProtocolFamily.UNIX)
                .bind(UnixDomainSocketAddress.of(socket))
                .close();
        assertThat(socket).exists();
        try (TestServer server = TestServer.start(directory)) {
            assertThat(server.get("/v1/health")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_socket_on_which_somebody_listens_is_left_alone(@TempDir Path directory) throws IOException {
        try (TestServer first = TestServer.start(directory)) {
            assertThatThrownBy(() -> TestServer.start(directory))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another labelerd is running");
            assertThat(first.get("/v1/health")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void a_stop_leaves_the_socket_of_a_service_that_took_the_name_meanwhile(@TempDir Path directory)
            throws IOException {
        Path other = directory.resolve("other.sock");
        try (ServerSocketChannel second = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            second.bind(UnixDomainSocketAddress.of(other));
            Path socket;
            try (TestServer first = TestServer.start(directory)) {
                socket = first.socket();
                Files.move(other, socket, StandardCopyOption.REPLACE_EXISTING);
            }
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
                assertThat(client.isConnected()).isTrue();
            }
        }
    }

    @Test
    void a_file_that_is_no_socket_is_left_alone(@TempDir Path directory) throws IOException {
        Files.writeString(directory.resolve("labeler.sock"), "precious");
        assertThatThrownBy(() -> TestServer.start(directory))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("no socket");
        assertThat(directory.resolve("labeler.sock")).hasContent("precious");
    }
}
