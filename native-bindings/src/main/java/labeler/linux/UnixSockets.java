package labeler.linux;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.NetworkChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The parts of Unix sockets beside bytes: labels, the peer's identity, and descriptors. */
public interface UnixSockets {
    /**
     * A stream socket that is not connected yet. SELinux judges a connection by the label of the socket that makes it,
     * and the socket that the listener accepts takes its level from there.
     *
     * @param context of the socket (/proc/thread-self/attr/sockcreate); empty for this process's own
     * @throws LinuxException EINVAL if no security module accepts the context, EACCES if the policy does not let this
     * process choose it
     * @throws IOException if no socket can be made
     */
    SocketChannel create(Optional<byte[]> context) throws IOException;

    /**
     * A stream socket that is to accept connections, and has no name yet. SELinux judges who connects by the level of
     * this socket, too: by MCS nobody connects to a socket whose level its own does not dominate.
     *
     * @param context as for {@link #create}
     * @throws LinuxException as for {@link #create}
     * @throws IOException if no socket can be made
     */
    ServerSocketChannel createListening(Optional<byte[]> context) throws IOException;

    /**
     * A stream socket that has its name and at which nobody listens: a connection is refused. Clients see the process
     * that listens at it as their peer, and not the one that bound it.
     *
     * @param name where nothing is yet
     * @param context as for {@link #create}
     * @throws IOException if the socket cannot be made or bound
     */
    Descriptor bind(SocketName name, Optional<byte[]> context) throws IOException;

    /**
     * A channel that accepts at a stream socket which another process has made, named, and listens at.
     *
     * @param listening stays the caller's
     * @param free a name without a file, in a directory of this process's; it has none afterwards, either
     * @throws IOException if it is no such socket (EINVAL), or the channel cannot be made
     */
    ServerSocketChannel accepting(Descriptor listening, Path free) throws IOException;

    /**
     * A channel of a stream socket that is connected already, as an earlier process or another one has left it.
     *
     * @param connection stays the caller's
     * @param free as for {@link #accepting}
     * @throws IOException if it is no such socket (EINVAL), or the channel cannot be made
     */
    SocketChannel connected(Descriptor connection, Path free) throws IOException;

    /**
     * A descriptor that this process has inherited under this number; it is close-on-exec from now on.
     *
     * @throws LinuxException EBADF if there is none
     */
    Descriptor inherited(int number) throws LinuxException;

    /** The kernel's number of a socket, the same for all processes that have it, and of no other until the next boot. */
    long cookie(NetworkChannel socket) throws LinuxException;

    PeerIdentity peer(SocketChannel channel) throws LinuxException;

    /**
     * Sends bytes with descriptors attached ({@code SCM_RIGHTS}). The sender's own copies stay open.
     *
     * @param payload 1 to 65,536 bytes; without any the descriptors would not travel
     * @param descriptors at most {@code SCM_MAX_FD} = 253
     */
    void send(SocketChannel channel, byte[] payload, List<Descriptor> descriptors) throws LinuxException;

    /**
     * Receives bytes and the descriptors that came with them; these are close-on-exec from the start
     * ({@code MSG_CMSG_CLOEXEC}). A message whose descriptors were cut off ({@code MSG_CTRUNC}) is an error, and none
     * is kept: EMSGSIZE. Waits until something arrives.
     *
     * @param maximumBytes at least 1; no more than 65,536 come at once
     */
    default Received receive(SocketChannel channel, int maximumBytes) throws LinuxException {
        Received received = receiveStream(channel, maximumBytes);
        if (received.isCutOff()) {
            received.descriptors().forEach(Descriptor::close);
            throw new LinuxException("recvmsg", "a socket (descriptors were cut off)", Errno.EMSGSIZE.code());
        }
        return received;
    }

    /**
     * As {@link #receive}, for a stream of which no byte may be lost: descriptors that were cut off are no error. Linux Security
     * Modules cut off those that the receiver may not use, and the kernel those for which it has no number left.
     */
    Received receiveStream(SocketChannel channel, int maximumBytes) throws LinuxException;

    /**
     * Sends one datagram to the process that listens there, and waits while there is no room for it.
     *
     * @param datagram 1 to 65,536 bytes
     * @throws LinuxException ENOENT or ECONNREFUSED if no process listens
     */
    void send(SocketName receiver, byte[] datagram) throws LinuxException;

    /** Sends one datagram with a copy of a socket attached, as {@link #send(SocketName, byte[])} does without. */
    void send(SocketName receiver, byte[] datagram, NetworkChannel attached) throws LinuxException;

    /**
     * The received message.
     *
     * @param payload read-only, and empty at the end of the stream
     * @param isCutOff whether there were more descriptors than these
     */
    record Received(ByteBuffer payload, List<Descriptor> descriptors, boolean isCutOff) {}
}
