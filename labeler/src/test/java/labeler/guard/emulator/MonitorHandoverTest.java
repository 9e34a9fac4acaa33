package labeler.guard.emulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the service does with processes that do not keep to the dialogue. LibvirtDomainIT has those that do. */
@Timeout(120)
class MonitorHandoverTest {
    private static final VmName WEB1 = new VmName("web1");
    private static final DomainGuard NOBODY = (domain, qemu, manager, giving) -> {
        throw new AssertionError("nothing is to be guarded");
    };

    private final UnixSockets sockets = JnaLinux.create().sockets();
    private final Path directory;
    private final StartingDomains starting;
    private final SocketChannel near;
    private final SocketChannel far;

    MonitorHandoverTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        Pid own = new Pid(Math.toIntExact(ProcessHandle.current().pid()));
        this.starting = new StartingDomains(name -> Optional.of(own));
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            near = SocketChannel.open(address);
            far = server.accept();
        }
    }

    @BeforeEach
    void announce() {
        starting.announce(new StartingDomain(WEB1, Optional.empty(), false, Optional.empty(), true, true));
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
    }

    /** All that the process is told. */
    private String served() throws IOException {
        new MonitorHandover(starting, sockets, NOBODY, directory.resolve("guard")).serve(far, sockets.peer(far));
        far.close();
        return new String(Channels.newInputStream(near).readAllBytes(), StandardCharsets.UTF_8);
    }

    @Test
    void a_process_that_is_not_announced_is_told_so_before_it_says_anything() throws IOException {
        starting.withdraw(WEB1);

        assertThat(served()).startsWith("-libvirt's hook has not announced").endsWith("\n");
    }

    @Test
    void bytes_without_a_socket_are_refused() throws IOException {
        near.write(ByteBuffer.wrap("listening\n".getBytes(StandardCharsets.US_ASCII)));

        assertThat(served()).startsWith("-its monitor cannot be guarded");
    }

    @Test
    void a_file_is_no_socket() throws IOException {
        try (OpenedFile file =
                (OpenedFile) JnaLinux.create().open().open(HostPath.of("/etc/passwd"), OpenRequest.IMAGE)) {
            sockets.send(near, "listening\n".getBytes(StandardCharsets.US_ASCII), List.of(file.descriptor()));
        }

        assertThat(served()).startsWith("-its monitor cannot be guarded");
    }

    @Test
    void a_socket_at_which_nobody_listens_is_refused() throws IOException {
        try (Descriptor bound =
                sockets.bind(new SocketName(HostPath.of(directory.resolve("bound")), false), Optional.empty())) {
            sockets.send(near, "listening\n".getBytes(StandardCharsets.US_ASCII), List.of(bound));
        }

        assertThat(served()).contains("nobody listens at it");
    }

    @Test
    void a_process_that_goes_away_leaves_nothing() throws IOException {
        near.shutdownOutput();

        assertThat(served()).startsWith("-its monitor cannot be guarded");
        assertThat(directory.resolve("guard")).isEmptyDirectory();
    }

    @Test
    @Timeout(20)
    void a_process_that_says_nothing_has_its_time() {
        MonitorExchange silent = new MonitorExchange(sockets, far, Duration.ofSeconds(1));

        assertThatThrownBy(silent::receive).isInstanceOf(IOException.class).hasMessageContaining("1 s");
    }
}
