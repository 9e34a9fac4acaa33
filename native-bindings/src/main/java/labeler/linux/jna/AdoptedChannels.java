package labeler.linux.jna;

import com.sun.jna.LastErrorException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Supplier;
import labeler.linux.Descriptor;
import labeler.linux.Errno;
import labeler.linux.LinuxException;

/** Channels of the JDK for sockets that it has not made. */
final class AdoptedChannels {
    private final ScratchPool pool;
    private final Supplier<ChannelNumbers> numbers;

    AdoptedChannels(ScratchPool pool, Supplier<ChannelNumbers> numbers) {
        this.pool = pool;
        this.numbers = numbers;
    }

    /** The JDK makes channels of its own sockets alone: one of these is bound, and the other's takes its number. */
    ServerSocketChannel accepting(Descriptor listening, Path free) throws IOException {
        require(listening, true);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        boolean isReady = false;
        try {
            channel.bind(UnixDomainSocketAddress.of(free));
            LibC.dup3(listening.number(), numbers.get().numberOf(channel), Abi.Open.O_CLOEXEC);
            isReady = true;
            return channel;
        } catch (LastErrorException e) {
            throw Calls.failure("dup3", JnaUnixSockets.SUBJECT, e);
        } finally {
            Files.deleteIfExists(free);
            if (!isReady) {
                channel.close();
            }
        }
    }

    /** As above; the JDK's own socket is connected first, since only then the channel reads and writes. */
    SocketChannel connected(Descriptor connection, Path free) throws IOException {
        require(connection, false);
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        boolean isReady = false;
        try (ServerSocketChannel other = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            other.bind(UnixDomainSocketAddress.of(free));
            channel.connect(UnixDomainSocketAddress.of(free));
            int number = numbers.get().numberOf(channel);
            LibC.dup3(connection.number(), number, Abi.Open.O_CLOEXEC);
            // A channel that connected on a virtual thread takes its socket for one that does not wait.
            LibC.fcntl(number, Abi.Open.F_SETFL, Abi.Open.O_NONBLOCK);
            isReady = true;
            return channel;
        } catch (LastErrorException e) {
            throw Calls.failure("dup3", JnaUnixSockets.SUBJECT, e);
        } finally {
            Files.deleteIfExists(free);
            if (!isReady) {
                channel.close();
            }
        }
    }

    private void require(Descriptor socket, boolean listens) throws LinuxException {
        try (Scratch scratch = pool.take()) {
            if (number(scratch, socket, Abi.Socket.SO_DOMAIN) != Abi.UnixAddress.AF_UNIX
                    || number(scratch, socket, Abi.Socket.SO_TYPE) != Abi.UnixAddress.SOCK_STREAM
                    || (number(scratch, socket, Abi.Socket.SO_ACCEPTCONN) != 0) != listens) {
                throw new LinuxException(
                        listens ? "accept" : "connect",
                        JnaUnixSockets.SUBJECT + (listens ? " (nobody listens at it)" : " (no connection)"),
                        Errno.EINVAL.code());
            }
        } catch (LastErrorException e) {
            throw Calls.failure("getsockopt", JnaUnixSockets.SUBJECT, e);
        }
    }

    private static int number(Scratch scratch, Descriptor socket, int option) throws LastErrorException {
        return scratch.dataBuffer(JnaUnixSockets.option(scratch, socket.number(), option, Integer.BYTES))
                .getInt();
    }
}
