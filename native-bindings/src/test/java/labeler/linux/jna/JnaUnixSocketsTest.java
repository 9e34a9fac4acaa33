package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.LinuxException;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import labeler.linux.UnixSockets.Received;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
final class JnaUnixSocketsTest {
    private final Linux linux = JnaLinux.create();

    @TempDir
    Path directory;

    private SocketChannel near;
    private SocketChannel far;
    private OpenedFile file;

    @SuppressWarnings("NullAway.Init") // set before each test
    JnaUnixSocketsTest() {}

    @BeforeEach
    void connect() throws IOException {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(directory.resolve("socket"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            near = SocketChannel.open(address);
            far = server.accept();
        }
        Path path = Files.writeString(directory.resolve("file"), "content");
        file = (OpenedFile) linux.open().open(HostPath.of(path.toString()), OpenRequest.IMAGE);
    }

    @AfterEach
    void close() throws IOException {
        near.close();
        far.close();
        file.close();
    }

    @Test
    void the_process_that_connected_is_known_by_its_start() throws Exception {
        Pid self = new Pid(Math.toIntExact(ProcessHandle.current().pid()));
        assertThat(linux.sockets().peer(far).process())
                .isPresent()
                .isEqualTo(linux.processes().identify(self));
    }

    /** Connects to the socket of this name, and ends. */
    private static final String CONNECTING = "import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])";

    /** Starts a process of this number, by clone3(2), until there is no more input. */
    private static final String OF_NUMBER = """
            import ctypes, os, signal, struct, sys
            number = (ctypes.c_int * 1)(int(sys.argv[1]))
            arguments = struct.pack("11Q", 0, 0, 0, 0, signal.SIGCHLD, 0, 0, 0, ctypes.addressof(number), 1, 0)
            child = ctypes.CDLL(None).syscall(435, arguments, len(arguments))
            if child == 0:
                signal.pause()
                os._exit(0)
            print(child, flush=True)
            if child > 0:
                sys.stdin.read()
                os.kill(child, signal.SIGKILL)
                os.waitpid(child, 0)
            """;

    /** A connection whose process has ended; its number is free. */
    private SocketChannel orphan(ServerSocketChannel server, Path name) throws Exception {
        Process child = new ProcessBuilder("/usr/bin/python3", "-c", CONNECTING, name.toString()).start();
        assertThat(child.waitFor()).isZero();
        return server.accept();
    }

    @Test
    void a_process_that_has_ended_is_not_taken_for_the_one_that_has_its_number_by_now() throws Exception {
        RequiredCapability.ROOT.assume();
        RequiredCapability.PEER_PIDFD.assume();
        Path name = directory.resolve("other");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(name));
            boolean taken = false;
            while (!taken) {
                try (SocketChannel orphan = orphan(server, name)) {
                    PeerIdentity before = linux.sockets().peer(orphan);
                    assertThat(before.process()).isEmpty();
                    // Another process may already have the number; then the test tries another connection.
                    taken = isNotTakenFor(orphan, before.pid());
                }
            }
        }
    }

    private boolean isNotTakenFor(SocketChannel orphan, Pid number) throws Exception {
        Process other = new ProcessBuilder("/usr/bin/python3", "-c", OF_NUMBER, number.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            if (!number.toString().equals(other.inputReader().readLine())) {
                return false;
            }
            assertThat(linux.processes().identify(number)).isPresent();
            assertThat(linux.sockets().peer(orphan).process()).isEmpty();
            return true;
        } finally {
            other.getOutputStream().close();
            other.waitFor();
        }
    }

    private static int descriptors() {
        return Objects.requireNonNull(new File("/proc/self/fd").list()).length;
    }

    @Test
    void the_peer_is_this_very_process() throws Exception {
        PeerIdentity peer = linux.sockets().peer(far);
        assertThat(peer.pid().value()).isEqualTo((int) ProcessHandle.current().pid());
        Object uid = Files.getAttribute(directory, "unix:uid");
        assertThat(peer.uid()).isEqualTo(uid);
        String groups = Files.readAllLines(Path.of("/proc/self/status")).stream()
                .filter(line -> line.startsWith("Groups:"))
                .findFirst()
                .orElseThrow()
                .substring("Groups:".length())
                .strip();
        Integer[] expected = Arrays.stream(groups.split("\\s+", -1))
                .filter(group -> !group.isEmpty())
                .map(Integer::valueOf)
                .toArray(Integer[]::new);
        assertThat(peer.groups()).containsExactlyInAnyOrder(expected);
    }

    @Test
    void the_peers_context_is_that_of_its_process_if_it_has_any() throws Exception {
        PeerIdentity peer = linux.sockets().peer(far);
        Optional<String> ofProcess = linux.processes().context(peer.pid()).map(value -> new String(value, UTF_8));
        assertThat(peer.context().map(value -> new String(value, UTF_8))).isEqualTo(ofProcess);
    }

    @Test
    void descriptors_travel_with_bytes_and_the_senders_stay_open() throws Exception {
        int before = descriptors();
        linux.sockets().send(near, "hello".getBytes(UTF_8), List.of(file.descriptor(), file.descriptor()));
        Received received = linux.sockets().receive(far, 100);
        assertThat(UTF_8.decode(received.payload()).toString()).isEqualTo("hello");
        assertThat(received.descriptors()).hasSize(2);
        assertThat(descriptors()).isEqualTo(before + 2);
        for (Descriptor descriptor : received.descriptors()) {
            Path link = Path.of("/proc/self/fd/" + descriptor.number());
            assertThat(Files.readString(link)).isEqualTo("content");
            String flags = Files.readString(Path.of("/proc/self/fdinfo/" + descriptor.number()));
            // O_CLOEXEC, which fdinfo shows among the flags.
            assertThat(flags).containsPattern("flags:\\s0?2[0-9]{6}\n");
            descriptor.close();
        }
        assertThat(descriptors()).isEqualTo(before);
        assertThat(file.read(ByteBuffer.allocate(7), 0)).isEqualTo(7);
    }

    @Test
    void as_many_descriptors_as_the_kernel_takes_travel_at_once() throws Exception {
        List<Descriptor> many = Collections.nCopies(AncillaryData.MAXIMUM, file.descriptor());
        linux.sockets().send(near, new byte[1], many);
        Received received = linux.sockets().receive(far, 1);
        assertThat(received.descriptors()).hasSize(AncillaryData.MAXIMUM);
        received.descriptors().forEach(Descriptor::close);
        List<Descriptor> tooMany = Collections.nCopies(AncillaryData.MAXIMUM + 1, file.descriptor());
        assertThatThrownBy(() -> linux.sockets().send(near, new byte[1], tooMany))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void of_descriptors_that_were_cut_off_none_is_kept_and_no_byte_of_a_stream_is_lost() throws Exception {
        UnixSockets narrow = new JnaUnixSockets(new ScratchPool(), linux.processes(), ChannelNumbers::ofThisJdk, 1);
        int before = descriptors();
        linux.sockets().send(near, new byte[1], Collections.nCopies(5, file.descriptor()));
        assertThatThrownBy(() -> narrow.receive(far, 1))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EMSGSIZE));
        assertThat(descriptors()).isEqualTo(before);
        linux.sockets().send(near, new byte[2], Collections.nCopies(5, file.descriptor()));
        Received stream = narrow.receiveStream(far, 2);
        stream.descriptors().forEach(Descriptor::close);
        assertThat(stream.isCutOff() && stream.payload().remaining() == 2).isTrue();
    }

    @Test
    void bytes_alone_and_the_end_of_the_stream_arrive() throws Exception {
        linux.sockets().send(near, new byte[] {1, 2, 3}, List.of());
        assertThat(linux.sockets().receive(far, 2).payload().remaining()).isEqualTo(2);
        assertThat(linux.sockets().receive(far, 2).payload().remaining()).isEqualTo(1);
        near.close();
        Received end = linux.sockets().receive(far, 2);
        assertThat(end.payload().hasRemaining()).isFalse();
        assertThat(end.descriptors()).isEmpty();
    }

    @Test
    void a_large_payload_is_sent_whole_and_a_non_blocking_socket_is_waited_for() throws Exception {
        near.configureBlocking(false);
        far.configureBlocking(false);
        byte[] large = new byte[Scratch.DATA_SIZE];
        CompletableFuture<Integer> reading = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> {
            try {
                int total = 0;
                int descriptors = 0;
                while (total < 8 * large.length) {
                    Received received = linux.sockets().receive(far, Scratch.DATA_SIZE);
                    total += received.payload().remaining();
                    descriptors += received.descriptors().size();
                    received.descriptors().forEach(Descriptor::close);
                }
                reading.complete(descriptors);
            } catch (LinuxException | RuntimeException e) {
                reading.completeExceptionally(e);
            }
        });
        for (int i = 0; i < 8; i++) {
            linux.sockets().send(near, large, List.of(file.descriptor()));
        }
        assertThat(reading.get(60, TimeUnit.SECONDS)).isEqualTo(8);
    }

    @Test
    void a_peer_that_has_gone_is_an_error_and_no_signal() throws Exception {
        far.close();
        assertThatThrownBy(() -> linux.sockets().send(near, new byte[1], List.of()))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EPIPE));
    }

    /** As a process would that gets the descriptor of a socket and listens at it. */
    @Test
    void a_channel_accepts_at_the_listening_socket_of_another() throws Exception {
        Path name = directory.resolve("listening");
        Path free = directory.resolve("free");
        try (ServerSocketChannel accepting = acceptingFor(name, free)) {
            assertThat(free).doesNotExist();
            try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(name));
                    SocketChannel accepted = accepting.accept()) {
                client.write(ByteBuffer.wrap("hello".getBytes(UTF_8)));
                assertThat(linux.sockets().receive(accepted, 10).payload())
                        .isEqualTo(ByteBuffer.wrap("hello".getBytes(UTF_8)));
            }
        }
        assertThatThrownBy(() -> SocketChannel.open(UnixDomainSocketAddress.of(name)))
                .isInstanceOf(IOException.class);
    }

    /** The other's own descriptors are closed. */
    private ServerSocketChannel acceptingFor(Path name, Path free) throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(name));
            try (Descriptor listening = new OwnedDescriptor(copyOf(other))) {
                return linux.sockets().accepting(listening, free);
            }
        }
    }

    @Test
    void at_what_does_not_listen_nothing_is_accepted() throws Exception {
        Path free = directory.resolve("free");
        try (Descriptor bound = linux.sockets()
                .bind(new SocketName(HostPath.of(directory.resolve("bound")), false), Optional.empty())) {
            assertThatThrownBy(() -> linux.sockets().accepting(bound, free))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("nobody listens at it");
        }
        assertThatThrownBy(() -> linux.sockets().accepting(file.descriptor(), free))
                .isInstanceOf(LinuxException.class);
        assertThat(free).doesNotExist();
    }

    private int copyOf(NetworkChannel channel) throws Exception {
        return LibC.fcntl(ChannelNumbers.ofThisJdk().numberOf(channel), Abi.Open.F_DUPFD_CLOEXEC, 0);
    }

    /** As a service does with what its predecessor has left. */
    @Test
    void a_connection_goes_on_in_another_channel_and_ends_with_the_last_one() throws Exception {
        Path free = directory.resolve("free");
        long cookie = linux.sockets().cookie(far);
        try (Descriptor left = new OwnedDescriptor(copyOf(far));
                SocketChannel next = linux.sockets().connected(left, free)) {
            far.close();
            assertThat(free).doesNotExist();
            assertThat(linux.sockets().cookie(next))
                    .isEqualTo(cookie)
                    .isNotEqualTo(linux.sockets().cookie(near));
            assertThat(linux.sockets().peer(next).pid())
                    .isEqualTo(new Pid(Math.toIntExact(ProcessHandle.current().pid())));
            linux.sockets().send(next, new byte[] {7}, List.of());
            assertThat(linux.sockets().receive(near, 10).payload().get()).isEqualTo((byte) 7);
            next.shutdownOutput();
            assertThat(linux.sockets().receive(near, 10).payload().remaining())
                    .as("an end counts for every descriptor of the connection")
                    .isZero();
        }
    }

    @Test
    void what_listens_is_no_connection() throws Exception {
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(directory.resolve("listening")));
            try (Descriptor listening = new OwnedDescriptor(copyOf(other))) {
                assertThatThrownBy(() -> linux.sockets().connected(listening, directory.resolve("free")))
                        .isInstanceOf(LinuxException.class)
                        .hasMessageContaining("no connection");
            }
        }
    }

    @Test
    void an_inherited_descriptor_is_known_by_its_number_alone() throws Exception {
        int number = LibC.fcntl(ChannelNumbers.ofThisJdk().numberOf(near), 0, 0);
        try (Descriptor inherited = linux.sockets().inherited(number)) {
            assertThat(LibC.fcntl(inherited.number(), 1, 0)).isEqualTo(Abi.Open.FD_CLOEXEC);
        }
        assertThatThrownBy(() -> linux.sockets().inherited(number))
                .isInstanceOfSatisfying(
                        LinuxException.class, e -> assertThat(e.errno()).isEqualTo(Errno.EBADF));
    }

    @Test
    void a_socket_travels_with_a_datagram() throws Exception {
        SocketName name = new SocketName(HostPath.of(directory.resolve("notify")), false);
        ScratchPool pool = new ScratchPool();
        int receiver = LibC.socket(Abi.UnixAddress.AF_UNIX, Abi.UnixAddress.SOCK_DGRAM, 0);
        try (Scratch scratch = pool.take()) {
            byte[] path = name.text().bytes();
            scratch.putInt(Abi.UnixAddress.FAMILY, Abi.UnixAddress.AF_UNIX);
            scratch.putStructure(Abi.UnixAddress.PATH, path);
            LibC.bind(receiver, scratch.structure(), Abi.UnixAddress.PATH + path.length);
            linux.sockets().send(name, "FDSTORE=1".getBytes(UTF_8), near);
            AncillaryData ancillary = AncillaryData.withRoom(1);
            ancillary.describe(scratch, scratch.data(), Scratch.DATA_SIZE, true);
            int length = (int) LibC.recvmsg(receiver, scratch.structure(), Abi.Socket.MSG_CMSG_CLOEXEC);
            assertThat(new String(scratch.data(length), UTF_8)).isEqualTo("FDSTORE=1");
            List<Descriptor> arrived = ancillary.descriptors(scratch.getLong(Abi.Message.CONTROL_LENGTH));
            try (SocketChannel copy = linux.sockets().connected(arrived.getFirst(), directory.resolve("free"))) {
                assertThat(linux.sockets().cookie(copy))
                        .isEqualTo(linux.sockets().cookie(near));
            }
            arrived.forEach(Descriptor::close);
        } finally {
            Calls.close(receiver);
        }
    }

    @Test
    void nobody_listens_at_a_bound_socket(@TempDir Path place) throws Exception {
        Path name = place.resolve("bound");
        UnixSockets sockets = JnaLinux.create().sockets();
        try (Descriptor bound = sockets.bind(new SocketName(HostPath.of(name), false), Optional.empty())) {
            assertThat(bound.number()).isPositive();
            assertThatThrownBy(() -> SocketChannel.open(UnixDomainSocketAddress.of(name)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("refused");
            assertThatThrownBy(() -> sockets.bind(new SocketName(HostPath.of(name), false), Optional.empty()))
                    .isInstanceOf(LinuxException.class)
                    .hasMessageContaining("bind");
        }
    }
}
