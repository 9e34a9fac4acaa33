package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Datagrams to a name, on any kernel. */
@Timeout(120)
public abstract class DatagramsContractTest {
    /** Somebody who receives. */
    public interface Receiver extends AutoCloseable {
        /** As many datagrams as are asked for, one a string. */
        List<String> receive(int count);

        @Override
        void close();
    }

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    protected DatagramsContractTest() {}

    protected abstract UnixSockets sockets();

    protected abstract Receiver listen(SocketName name);

    private SocketName path() {
        return SocketName.parse(directory.resolve("notify").toString()).orElseThrow();
    }

    private static SocketName abstractName() {
        return SocketName.parse("@labeler/" + UUID.randomUUID()).orElseThrow();
    }

    private void assertArrive(SocketName name) throws LinuxException {
        try (Receiver receiver = listen(name)) {
            sockets().send(name, "READY=1".getBytes(UTF_8));
            sockets().send(name, "STATUS=ä\nWATCHDOG=1".getBytes(UTF_8));
            assertThat(receiver.receive(2)).containsExactly("READY=1", "STATUS=ä\nWATCHDOG=1");
        }
    }

    private void assertFails(SocketName name, Errno errno) {
        assertThatThrownBy(() -> sockets().send(name, new byte[] {'x'}))
                .isInstanceOfSatisfying(LinuxException.class, e -> {
                    assertThat(e.errno()).isEqualTo(errno);
                    assertThat(e.subject()).isEqualTo(name.printable());
                });
    }

    @Test
    void datagrams_arrive_whole_at_a_path() throws LinuxException {
        assertArrive(path());
    }

    @Test
    void datagrams_arrive_whole_at_an_abstract_name() throws LinuxException {
        assertArrive(abstractName());
    }

    @Test
    void where_nobody_listens_the_sender_is_told() {
        assertFails(path(), Errno.ENOENT);
        assertFails(abstractName(), Errno.ECONNREFUSED);
    }

    @Test
    void names_that_no_datagram_reaches_are_none() {
        assertThat(SocketName.parse("")).isEmpty();
        assertThat(SocketName.parse("@")).isEmpty();
        assertThat(SocketName.parse("vsock:2:1234")).isEmpty();
        assertThat(SocketName.parse("/" + "x".repeat(SocketName.MAXIMUM_LENGTH)))
                .isEmpty();
        assertThat(SocketName.parse("/" + "x".repeat(SocketName.MAXIMUM_LENGTH - 1)))
                .isPresent();
    }

    @Test
    void an_empty_datagram_is_refused() {
        assertThatThrownBy(() -> sockets().send(path(), new byte[0])).isInstanceOf(IllegalArgumentException.class);
    }
}
