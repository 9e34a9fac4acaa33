package labeler.linux.fake;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;

/** Unix sockets of the fake kernel: real channels, distinguished only as objects; nothing travels through them. */
public final class FakeSockets implements UnixSockets {
    private final FakeKernel kernel;
    private final Map<SocketChannel, PeerIdentity> peers = new HashMap<>();
    private final Map<SocketChannel, SocketChannel> connections = new HashMap<>();
    private final Map<SocketChannel, Deque<Received>> waiting = new HashMap<>();
    private final List<Optional<String>> created = new ArrayList<>();
    private final Map<SocketName, List<String>> datagrams = new HashMap<>();
    private boolean takesContexts;
    private PeerIdentity everybody = new PeerIdentity(new Pid(1), Optional.empty(), 0, 0, Set.of(), Optional.empty());

    FakeSockets(FakeKernel kernel) {
        this.kernel = kernel;
    }

    /** The peer at the other end of this channel. */
    public void setPeer(SocketChannel channel, PeerIdentity peer) {
        synchronized (kernel) {
            peers.put(channel, peer);
        }
    }

    /** The peer of every channel that has none of its own; root at first. */
    public void setPeer(PeerIdentity peer) {
        synchronized (kernel) {
            everybody = peer;
        }
    }

    /** Each of the two receives the messages of the other. */
    public void connect(SocketChannel one, SocketChannel other) {
        synchronized (kernel) {
            connections.put(one, other);
            connections.put(other, one);
            waiting.put(one, new ArrayDeque<>());
            waiting.put(other, new ArrayDeque<>());
        }
    }

    /** A security module accepts any context for sockets; at first there is no module. */
    public void takeContexts() {
        synchronized (kernel) {
            takesContexts = true;
        }
    }

    /** The requested contexts, one for each socket. */
    public List<Optional<String>> created() {
        synchronized (kernel) {
            return List.copyOf(created);
        }
    }

    @Override
    public SocketChannel create(Optional<byte[]> context) throws IOException {
        checkCreation(context);
        return SocketChannel.open(StandardProtocolFamily.UNIX);
    }

    @Override
    public ServerSocketChannel createListening(Optional<byte[]> context) throws IOException {
        checkCreation(context);
        return ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    }

    private void checkCreation(Optional<byte[]> context) throws LinuxException {
        kernel.faults.check("socket", "socket", false);
        synchronized (kernel) {
            if (context.isPresent() && !takesContexts) {
                throw new LinuxException("write", "/proc/thread-self/attr/sockcreate", Errno.EINVAL.code());
            }
            created.add(context.map(bytes -> new String(bytes, StandardCharsets.UTF_8)));
        }
    }

    @Override
    public Descriptor bind(SocketName name, Optional<byte[]> context) throws IOException {
        try (SocketChannel _ = create(context)) {
            Files.createFile(name.text().jdkPath());
            return kernel.open(null, name.text(), true);
        }
    }

    @Override
    public ServerSocketChannel accepting(Descriptor listening, Path free) throws IOException {
        throw new UnsupportedOperationException("the fake kernel has no listening sockets");
    }

    @Override
    public SocketChannel connected(Descriptor connection, Path free) throws IOException {
        throw new UnsupportedOperationException("the fake kernel has no connected sockets");
    }

    @Override
    public Descriptor inherited(int number) throws LinuxException {
        throw new LinuxException("fcntl", "descriptor " + number, Errno.EBADF.code());
    }

    @Override
    public long cookie(NetworkChannel socket) {
        return System.identityHashCode(socket);
    }

    @Override
    public PeerIdentity peer(SocketChannel channel) throws LinuxException {
        kernel.faults.check("getsockopt", "socket", false);
        synchronized (kernel) {
            return peers.getOrDefault(channel, everybody);
        }
    }

    @Override
    public void send(SocketChannel channel, byte[] payload, List<Descriptor> descriptors) throws LinuxException {
        kernel.faults.check("sendmsg", "socket", false);
        synchronized (kernel) {
            SocketChannel other = connections.get(channel);
            Deque<Received> queue = other == null ? null : waiting.get(other);
            if (queue == null) {
                throw new LinuxException("sendmsg", "socket", Errno.EPIPE.code());
            }
            List<Descriptor> copies = descriptors.stream().map(this::copy).toList();
            queue.add(new Received(ByteBuffer.wrap(payload.clone()).asReadOnlyBuffer(), copies, false));
        }
    }

    /** A receiver listens for datagrams by this name. */
    public void listen(SocketName name) {
        synchronized (kernel) {
            datagrams.put(name, new ArrayList<>());
        }
    }

    /** The datagrams sent to the receiver of this name. */
    public List<String> datagrams(SocketName name) {
        synchronized (kernel) {
            return List.copyOf(datagrams.getOrDefault(name, List.of()));
        }
    }

    @Override
    public void send(SocketName receiver, byte[] datagram) throws LinuxException {
        if (datagram.length == 0) {
            throw new IllegalArgumentException("1 byte at least travels at once");
        }
        kernel.faults.check("sendto", receiver.printable(), false);
        synchronized (kernel) {
            List<String> received = datagrams.get(receiver);
            if (received == null) {
                Errno none = receiver.isAbstract() ? Errno.ECONNREFUSED : Errno.ENOENT;
                throw new LinuxException("sendto", receiver.printable(), none.code());
            }
            received.add(new String(datagram, StandardCharsets.UTF_8));
        }
    }

    @Override
    public void send(SocketName receiver, byte[] datagram, NetworkChannel attached) throws LinuxException {
        send(receiver, datagram);
    }

    private Descriptor copy(Descriptor descriptor) {
        FakeDescriptor known = kernel.known(descriptor);
        if (known == null) {
            throw new IllegalStateException("the descriptor is closed");
        }
        return kernel.open(known.inode, known.name, known.writable);
    }

    @Override
    public Received receiveStream(SocketChannel channel, int maximumBytes) throws LinuxException {
        kernel.faults.check("recvmsg", "socket", false);
        synchronized (kernel) {
            Deque<Received> queue = waiting.get(channel);
            Received first = queue == null ? null : queue.poll();
            return first == null ? new Received(ByteBuffer.allocate(0).asReadOnlyBuffer(), List.of(), false) : first;
        }
    }
}
