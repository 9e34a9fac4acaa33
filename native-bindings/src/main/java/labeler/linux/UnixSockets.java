package labeler.linux;

import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;

/** What Unix sockets carry beside bytes: the peer's identity, and descriptors. */
public interface UnixSockets {
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
    Received receive(SocketChannel channel, int maximumBytes) throws LinuxException;

    /** What arrived; {@code payload} is read-only, and empty at the end of the stream. */
    record Received(ByteBuffer payload, List<Descriptor> descriptors) {}
}
