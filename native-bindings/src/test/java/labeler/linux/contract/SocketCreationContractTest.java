package labeler.linux.contract;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Sockets that are made at a context, on any kernel. The acceptance tests show how SELinux treats them. */
@Timeout(120)
public abstract class SocketCreationContractTest {
    /** A context that no policy has, nor a kernel without a policy. */
    private static final Optional<byte[]> NO_CONTEXT = Optional.of("no:such:context:s0".getBytes(UTF_8));

    protected abstract Stage createStage() throws Exception;

    private Stage stage;

    @TempDir
    Path directory;

    @SuppressWarnings("NullAway.Init") // set before each test
    protected SocketCreationContractTest() {}

    @BeforeEach
    void setStage() throws Exception {
        stage = createStage();
    }

    @AfterEach
    void clearStage() throws Exception {
        stage.clear();
    }

    private void assertConnects() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (ServerSocketChannel server = stage.linux().sockets().createListening(Optional.empty());
                SocketChannel socket = stage.linux().sockets().create(Optional.empty())) {
            server.bind(address);
            assertThat(socket.isBlocking()).isTrue();
            assertThat(socket.connect(address)).isTrue();
        }
    }

    private void assertRefused() {
        assertRefused(() -> stage.linux().sockets().create(NO_CONTEXT));
        assertRefused(() -> stage.linux().sockets().createListening(NO_CONTEXT));
    }

    private static void assertRefused(ThrowingCallable creation) {
        assertThatThrownBy(creation).isInstanceOfSatisfying(LinuxException.class, e -> {
            assertThat(e.errno()).isEqualTo(Errno.EINVAL);
            assertThat(e.subject()).endsWith("/attr/sockcreate");
        });
    }

    @Test
    void a_socket_of_no_context_connects_to_whoever_listens() throws Exception {
        assertConnects();
    }

    @Test
    void a_context_that_no_module_takes_is_refused_and_the_next_socket_is_an_ordinary_one() throws Exception {
        assertRefused();

        assertConnects();
    }

    @Test
    void a_virtual_thread_is_answered_in_the_same_way() throws Exception {
        try (ExecutorService virtual = Executors.newVirtualThreadPerTaskExecutor()) {
            virtual.submit(() -> assertRefused()).get();
        }
    }
}
