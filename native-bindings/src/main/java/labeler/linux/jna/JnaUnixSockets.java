package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;

/**
 * Peers and descriptors of Unix sockets, beside the channels of the JDK. A channel must not be closed during a call.
 */
final class JnaUnixSockets implements UnixSockets {
    static final String SUBJECT = "Unix socket";

    /** The kernel's answers for a peer that is gone: ESRCH since Linux 6.5, EINVAL if it is in no pid namespace. */
    private static final Set<Integer> HAS_ENDED = Set.of(Errno.ESRCH.code(), Errno.EINVAL.code());

    private final ScratchPool pool;
    private final Processes processes;
    private final Supplier<ChannelNumbers> numbers;
    private final AdoptedChannels adopted;
    private final int room;

    /** @param room the most descriptors at once; fewer than the kernel's limit only in tests */
    JnaUnixSockets(ScratchPool pool, Processes processes, Supplier<ChannelNumbers> numbers, int room) {
        this.pool = pool;
        this.processes = processes;
        this.numbers = numbers;
        this.adopted = new AdoptedChannels(pool, numbers);
        this.room = room;
    }

    private int number(SocketChannel channel) {
        return numbers.get().numberOf(channel);
    }

    @Override
    public SocketChannel create(Optional<byte[]> context) throws IOException {
        return at(context, () -> SocketChannel.open(StandardProtocolFamily.UNIX));
    }

    @Override
    public ServerSocketChannel createListening(Optional<byte[]> context) throws IOException {
        return at(context, () -> ServerSocketChannel.open(StandardProtocolFamily.UNIX));
    }

    @Override
    public Descriptor bind(SocketName name, Optional<byte[]> context) throws IOException {
        return at(context, () -> {
            try (Scratch scratch = pool.take()) {
                int socket = LibC.socket(
                        Abi.UnixAddress.AF_UNIX, Abi.UnixAddress.SOCK_STREAM | Abi.UnixAddress.SOCK_CLOEXEC, 0);
                Descriptor bound = new OwnedDescriptor(socket);
                boolean isBound = false;
                try {
                    int size = address(scratch, name);
                    LibC.bind(socket, scratch.structure(), size);
                    isBound = true;
                    return bound;
                } finally {
                    if (!isBound) {
                        bound.close();
                    }
                }
            } catch (LastErrorException e) {
                throw Calls.failure("bind", name.printable(), e);
            }
        });
    }

    @Override
    public ServerSocketChannel accepting(Descriptor listening, Path free) throws IOException {
        return adopted.accepting(listening, free);
    }

    @Override
    public SocketChannel connected(Descriptor connection, Path free) throws IOException {
        return adopted.connected(connection, free);
    }

    @Override
    public Descriptor inherited(int number) throws LinuxException {
        try {
            LibC.fcntl(number, Abi.Open.F_SETFD, Abi.Open.FD_CLOEXEC);
            return new OwnedDescriptor(number);
        } catch (LastErrorException e) {
            throw Calls.failure("fcntl", "descriptor " + number, e);
        }
    }

    @Override
    public long cookie(NetworkChannel socket) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            int length = option(scratch, numbers.get().numberOf(socket), Abi.Socket.SO_COOKIE, Long.BYTES);
            return scratch.dataBuffer(length).getLong();
        } catch (LastErrorException e) {
            throw Calls.failure("getsockopt", SUBJECT, e);
        }
    }

    @FunctionalInterface
    private interface Making<T> {
        T make() throws IOException;
    }

    /**
     * With a context, on a platform thread that ends afterwards: the attribute belongs to a thread, and a socket is
     * made on the calling thread.
     */
    private <T> T at(Optional<byte[]> context, Making<T> making) throws IOException {
        if (context.isEmpty()) {
            return making.make();
        }
        CompletableFuture<T> made = new CompletableFuture<>();
        Thread.ofPlatform().name("socket").start(() -> {
            try (Scratch scratch = pool.take()) {
                ThreadAttribute.SOCKET_CREATION.set(scratch, context.get());
                made.complete(making.make());
            } catch (LastErrorException e) {
                made.completeExceptionally(Calls.failure("write", ThreadAttribute.SOCKET_CREATION.path(), e));
            } catch (IOException | RuntimeException | Error e) {
                made.completeExceptionally(e);
            }
        });
        try {
            return made.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof IOException cause) {
                throw cause;
            }
            throw e;
        }
    }

    @Override
    public PeerIdentity peer(SocketChannel channel) throws LinuxException {
        int socket = number(channel);
        try (Scratch scratch = pool.take()) {
            int length = option(scratch, socket, Abi.Socket.SO_PEERCRED, Abi.Socket.CREDENTIAL_SIZE);
            ByteBuffer credentials = scratch.dataBuffer(length);
            int pid = credentials.getInt(Abi.Socket.CREDENTIAL_PID);
            int uid = credentials.getInt(Abi.Socket.CREDENTIAL_UID);
            int gid = credentials.getInt(Abi.Socket.CREDENTIAL_GID);
            if (pid < 1) {
                // 0 stands for a process outside of this pid namespace, and for a socket without a peer.
                throw new LinuxException(
                        "getsockopt", SUBJECT + " (peer outside of this pid namespace)", Errno.ESRCH.code());
            }
            return new PeerIdentity(
                    new Pid(pid),
                    process(scratch, socket, new Pid(pid)),
                    uid,
                    gid,
                    groups(scratch, socket),
                    context(scratch, socket));
        } catch (LastErrorException e) {
            throw Calls.failure("getsockopt", SUBJECT, e);
        }
    }

    /**
     * The process of this number, if it is the one that connected: the kernel keeps a reference to that (a pidfd), and
     * the process had not ended when it was looked at by its number. Before Linux 6.5 only the number is known.
     */
    private Optional<ProcessIdentity> process(Scratch scratch, int socket, Pid pid) throws LinuxException {
        int pidfd;
        try {
            if (optionIfKept(scratch, socket, Abi.Socket.SO_PEERPIDFD, Integer.BYTES) == 0) {
                return processes.identify(pid);
            }
            pidfd = scratch.dataBuffer(Integer.BYTES).getInt();
        } catch (LastErrorException e) {
            if (HAS_ENDED.contains(e.getErrorCode())) {
                return Optional.empty();
            }
            throw e;
        }
        try {
            Optional<ProcessIdentity> found = processes.identify(pid);
            long polled = scratch.poll(pidfd, Abi.Poll.POLLIN);
            boolean hasEnded = Calls.retrying(() -> LibC.poll(polled, 1, 0)) > 0;
            return hasEnded ? Optional.empty() : found;
        } finally {
            Calls.close(pidfd);
        }
    }

    private static Set<Integer> groups(Scratch scratch, int socket) throws LastErrorException {
        int length = optionIfKept(scratch, socket, Abi.Socket.SO_PEERGROUPS, Scratch.DATA_SIZE);
        ByteBuffer list = scratch.dataBuffer(length);
        Set<Integer> groups = new HashSet<>();
        while (list.remaining() >= Integer.BYTES) {
            groups.add(list.getInt());
        }
        return groups;
    }

    private static Optional<byte[]> context(Scratch scratch, int socket) throws LastErrorException {
        int length = optionIfKept(scratch, socket, Abi.Socket.SO_PEERSEC, Scratch.DATA_SIZE);
        return ProcFiles.context(scratch.data(length));
    }

    /**
     * The option's length; 0 if the kernel or its security module has none. ERANGE does not lead to more memory: 64 KiB
     * is the limit.
     */
    private static int optionIfKept(Scratch scratch, int socket, int option, int size) throws LastErrorException {
        try {
            return option(scratch, socket, option, size);
        } catch (LastErrorException e) {
            if (e.getErrorCode() == Errno.ENOPROTOOPT.code() || e.getErrorCode() == Errno.ENODATA.code()) {
                return 0;
            }
            throw e;
        }
    }

    /** An option's length; its value is in the data area. */
    static int option(Scratch scratch, int socket, int option, int size) throws LastErrorException {
        scratch.putInt(0, size);
        LibC.getsockopt(socket, Abi.Socket.SOL_SOCKET, option, scratch.data(), scratch.structure());
        return scratch.getInt(0);
    }

    @Override
    public void send(SocketChannel channel, byte[] payload, List<Descriptor> descriptors) throws LinuxException {
        if (payload.length == 0 || payload.length > Scratch.DATA_SIZE || descriptors.size() > AncillaryData.MAXIMUM) {
            throw new IllegalArgumentException("1 to " + Scratch.DATA_SIZE + " bytes and at most "
                    + AncillaryData.MAXIMUM + " descriptors travel at once");
        }
        int socket = number(channel);
        try (Scratch scratch = pool.take()) {
            long data = scratch.data(payload);
            AncillaryData ancillary = AncillaryData.of(descriptors);
            int sent = 0;
            while (sent < payload.length) {
                // The descriptors go with the first byte, even if the socket takes only a part of the rest at once.
                ancillary.describe(scratch, data + sent, payload.length - sent, sent == 0 && !descriptors.isEmpty());
                sent += (int) waiting(
                        scratch,
                        socket,
                        Abi.Poll.POLLOUT,
                        () -> LibC.sendmsg(socket, scratch.structure(), Abi.Socket.MSG_NOSIGNAL));
            }
        } catch (LastErrorException e) {
            throw Calls.failure("sendmsg", SUBJECT, e);
        }
    }

    @Override
    public void send(SocketName receiver, byte[] datagram) throws LinuxException {
        if (datagram.length == 0 || datagram.length > Scratch.DATA_SIZE) {
            throw new IllegalArgumentException("1 to " + Scratch.DATA_SIZE + " bytes travel at once");
        }
        try (Scratch scratch = pool.take()) {
            int socket =
                    LibC.socket(Abi.UnixAddress.AF_UNIX, Abi.UnixAddress.SOCK_DGRAM | Abi.UnixAddress.SOCK_CLOEXEC, 0);
            try {
                int size = address(scratch, receiver);
                long data = scratch.data(datagram);
                Calls.retrying(() ->
                        LibC.sendto(socket, data, datagram.length, Abi.Socket.MSG_NOSIGNAL, scratch.structure(), size));
            } finally {
                Calls.close(socket);
            }
        } catch (LastErrorException e) {
            throw Calls.failure("sendto", receiver.printable(), e);
        }
    }

    @Override
    public void send(SocketName receiver, byte[] datagram, NetworkChannel attached) throws LinuxException {
        if (datagram.length == 0 || datagram.length > Scratch.DATA_SIZE) {
            throw new IllegalArgumentException("1 to " + Scratch.DATA_SIZE + " bytes travel at once");
        }
        int number = numbers.get().numberOf(attached);
        try (Scratch scratch = pool.take()) {
            int socket =
                    LibC.socket(Abi.UnixAddress.AF_UNIX, Abi.UnixAddress.SOCK_DGRAM | Abi.UnixAddress.SOCK_CLOEXEC, 0);
            try {
                AncillaryData ancillary = AncillaryData.of(number);
                ancillary.describe(scratch, scratch.data(datagram), datagram.length, true);
                int place = Abi.Message.SIZE + Abi.Message.IOV_SIZE;
                int size = address(scratch, receiver, place);
                scratch.putLong(Abi.Message.NAME, scratch.structure() + place);
                scratch.putInt(Abi.Message.NAME_LENGTH, size);
                Calls.retrying(() -> LibC.sendmsg(socket, scratch.structure(), Abi.Socket.MSG_NOSIGNAL));
            } finally {
                Calls.close(socket);
            }
        } catch (LastErrorException e) {
            throw Calls.failure("sendmsg", receiver.printable(), e);
        }
    }

    private static int address(Scratch scratch, SocketName name) {
        return address(scratch, name, 0);
    }

    /** Writes into the structure area; returns the size, since only the size shows where an abstract name ends. */
    private static int address(Scratch scratch, SocketName name, int place) {
        byte[] text = name.text().bytes();
        byte[] path = new byte[text.length + 1];
        System.arraycopy(text, 0, path, name.isAbstract() ? 1 : 0, text.length);
        // The family has two bytes; the path overwrites the other two.
        scratch.putInt(place + Abi.UnixAddress.FAMILY, Abi.UnixAddress.AF_UNIX);
        scratch.putStructure(place + Abi.UnixAddress.PATH, path);
        return Abi.UnixAddress.PATH + path.length;
    }

    @Override
    public Received receiveStream(SocketChannel channel, int maximumBytes) throws LinuxException {
        if (maximumBytes < 1) {
            throw new IllegalArgumentException("room for a byte at least, or no descriptor can arrive");
        }
        int socket = number(channel);
        try (Scratch scratch = pool.take()) {
            AncillaryData ancillary = AncillaryData.withRoom(room);
            ancillary.describe(scratch, scratch.data(), Math.min(maximumBytes, Scratch.DATA_SIZE), true);
            int length = (int) waiting(
                    scratch,
                    socket,
                    Abi.Poll.POLLIN,
                    () -> LibC.recvmsg(socket, scratch.structure(), Abi.Socket.MSG_CMSG_CLOEXEC));
            List<Descriptor> arrived = ancillary.descriptors(scratch.getLong(Abi.Message.CONTROL_LENGTH));
            boolean isCutOff = (scratch.getInt(Abi.Message.FLAGS) & Abi.Socket.MSG_CTRUNC) != 0;
            return new Received(ByteBuffer.wrap(scratch.data(length)).asReadOnlyBuffer(), arrived, isCutOff);
        } catch (LastErrorException e) {
            throw Calls.failure("recvmsg", SUBJECT, e);
        }
    }

    /**
     * Makes the call, and repeats it when the socket is ready: the JDK makes sockets non-blocking for virtual threads.
     */
    private static long waiting(Scratch scratch, int socket, int event, Calls.Interruptible call)
            throws LastErrorException {
        while (true) {
            try {
                return Calls.retrying(call);
            } catch (LastErrorException e) {
                if (e.getErrorCode() != Errno.EAGAIN.code()) {
                    throw e;
                }
                long polled = scratch.poll(socket, event);
                Calls.retrying(() -> LibC.poll(polled, 1, -1));
            }
        }
    }
}
