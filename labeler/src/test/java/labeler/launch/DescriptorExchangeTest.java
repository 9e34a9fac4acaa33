package labeler.launch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.jna.JnaLinux;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Descriptors over a real socket of this kernel. */
@Timeout(120)
class DescriptorExchangeTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final Linux linux = JnaLinux.create();
    private final DescriptorExchange exchange = new DescriptorExchange(linux.sockets());
    private final Path directory;
    private final ServerSocketChannel server;
    private final SocketChannel client;
    private final SocketChannel accepted;
    private final OpenedFile file;

    DescriptorExchangeTest(@TempDir Path directory) throws IOException {
        this.directory = directory;
        this.server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(directory.resolve("socket")));
        this.client = SocketChannel.open(UnixDomainSocketAddress.of(directory.resolve("socket")));
        this.accepted = server.accept();
        Path path = Files.writeString(directory.resolve("image"), "content");
        this.file = (OpenedFile) linux.open().open(HostPath.of(path), OpenRequest.IMAGE);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
        client.close();
        accepted.close();
        server.close();
    }

    private List<HandedDescriptor> opened(int count) throws IOException {
        List<HandedDescriptor> handed = new ArrayList<>();
        for (int set = 1; set <= count; set++) {
            handed.add(new HandedDescriptor(set, linux.open().reopen(file, Access.READ_WRITE, false)));
        }
        return handed;
    }

    private CompletableFuture<List<HandedDescriptor>> receiving() {
        CompletableFuture<List<HandedDescriptor>> result = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                result.complete(exchange.receive(client));
            } catch (IOException | RuntimeException e) {
                result.completeExceptionally(e);
            }
        });
        return result;
    }

    @Test
    void as_many_as_a_large_vm_has_arrive_each_with_its_set() throws Exception {
        List<HandedDescriptor> sent = opened(450);
        CompletableFuture<List<HandedDescriptor>> receiving = receiving();

        exchange.send(accepted, sent, LIMIT);

        List<HandedDescriptor> received = receiving.get(60, TimeUnit.SECONDS);
        assertThat(received)
                .extracting(HandedDescriptor::set)
                .containsExactlyElementsOf(
                        sent.stream().map(HandedDescriptor::set).toList());
        for (HandedDescriptor one : received) {
            assertThat(Files.readSymbolicLink(
                            Path.of("/proc/self/fd/" + one.descriptor().number())))
                    .isEqualTo(directory.resolve("image"));
        }
        sent.forEach(HandedDescriptor::close);
        received.forEach(HandedDescriptor::close);
    }

    @Test
    void a_service_that_goes_away_leaves_nothing() throws Exception {
        List<HandedDescriptor> sent = opened(2);
        CompletableFuture<List<HandedDescriptor>> receiving = receiving();
        linux.sockets()
                .send(
                        accepted,
                        "7 1 2\n".getBytes(StandardCharsets.US_ASCII),
                        sent.stream().map(HandedDescriptor::descriptor).toList());
        sent.forEach(HandedDescriptor::close);
        assertThat(accepted.read(ByteBuffer.allocate(1))).isEqualTo(1);
        assertThat(openOnes()).isEqualTo(3);

        accepted.close();

        assertThatThrownBy(() -> receiving.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(IOException.class);
        assertThat(openOnes()).isEqualTo(1);
    }

    /** How many descriptors of the file this process has. */
    private long openOnes() throws IOException {
        long open = 0;
        try (DirectoryStream<Path> descriptors = Files.newDirectoryStream(Path.of("/proc/self/fd"))) {
            for (Path descriptor : descriptors) {
                if (Files.isSymbolicLink(descriptor)
                        && Files.readSymbolicLink(descriptor).equals(directory.resolve("image"))) {
                    open++;
                }
            }
        }
        return open;
    }

    @Test
    void bytes_that_are_no_list_of_sets_are_refused() throws Exception {
        for (String line : List.of("0 1\n", "x\n", "\n", "0", "-1 2\n", "99999999999\n")) {
            try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
                Path path = directory.resolve("other");
                other.bind(UnixDomainSocketAddress.of(path));
                try (SocketChannel receiver = SocketChannel.open(UnixDomainSocketAddress.of(path));
                        SocketChannel sender = other.accept()) {
                    sender.write(ByteBuffer.wrap(line.getBytes(StandardCharsets.US_ASCII)));
                    assertThatThrownBy(() -> exchange.receive(receiver))
                            .as(line)
                            .isInstanceOf(IOException.class)
                            .hasMessageContaining("no descriptors");
                }
                Files.delete(path);
            }
        }
    }

    @Test
    void a_launcher_that_goes_away_is_no_success() throws Exception {
        List<HandedDescriptor> sent = opened(1);
        client.close();

        assertThatThrownBy(() -> exchange.send(accepted, sent, LIMIT)).isInstanceOf(IOException.class);
        sent.forEach(HandedDescriptor::close);
    }

    @Test
    @Timeout(20)
    void a_launcher_that_never_answers_has_its_time() throws Exception {
        assertHasItsTime();
    }

    @Test
    @Timeout(20)
    void a_launcher_that_never_reads_has_its_time() throws Exception {
        accepted.configureBlocking(false);
        while (accepted.write(ByteBuffer.allocate(1 << 16)) > 0) {}
        accepted.configureBlocking(true);
        assertHasItsTime();
    }

    private void assertHasItsTime() throws Exception {
        List<HandedDescriptor> sent = opened(1);
        assertThatThrownBy(() -> exchange.send(accepted, sent, Duration.ofSeconds(1)))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("in 1 s");
        sent.forEach(HandedDescriptor::close);
    }

    @Test
    void what_waits_is_given_once_and_closed_if_nobody_comes() throws Exception {
        Handovers handovers = new Handovers();
        ProcessIdentity process = new ProcessIdentity(new Pid(1), 7);
        List<HandedDescriptor> first = opened(1);
        handovers.offer(process, first);
        assertThat(handovers.take(process)).contains(first);
        assertThat(handovers.take(process)).isEmpty();
        first.forEach(HandedDescriptor::close);

        List<HandedDescriptor> second = opened(1);
        handovers.offer(process, second);
        handovers.close();
        assertThatThrownBy(() -> second.getFirst().descriptor().number()).isInstanceOf(IllegalStateException.class);
    }
}
