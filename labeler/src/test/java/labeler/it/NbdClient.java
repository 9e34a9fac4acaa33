package labeler.it;

import java.io.EOFException;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * Reads a disk that qemu exports by the NBD protocol (<a
 * href="https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md">specification</a>, fixed newstyle).
 */
final class NbdClient {
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int FIXED_NEWSTYLE_WITHOUT_ZEROES = 3;
    private static final int OPTION_EXPORT_NAME = 1;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final short READ = 0;
    private static final short DISCONNECT = 2;
    private static final int GREETING = 18;
    private static final int EXPORT = 10;
    private static final int REPLY = 16;

    private NbdClient() {}

    /** All of it. */
    static byte[] read(Path socket, String export) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            receive(channel, GREETING);
            byte[] name = export.getBytes(StandardCharsets.US_ASCII);
            send(
                    channel,
                    ByteBuffer.allocate(20 + name.length)
                            .putInt(FIXED_NEWSTYLE_WITHOUT_ZEROES)
                            .putLong(OPTION_MAGIC)
                            .putInt(OPTION_EXPORT_NAME)
                            .putInt(name.length)
                            .put(name));
            int size = Math.toIntExact(receive(channel, EXPORT).getLong());
            send(channel, request(READ, size));
            ByteBuffer reply = receive(channel, REPLY);
            int error = reply.getInt(Integer.BYTES);
            if (error != 0) {
                throw new IOException("NBD error " + error);
            }
            byte[] content = receive(channel, size).array();
            send(channel, request(DISCONNECT, 0));
            return content;
        }
    }

    private static ByteBuffer request(short type, int length) {
        return ByteBuffer.allocate(28)
                .putInt(REQUEST_MAGIC)
                .putShort((short) 0)
                .putShort(type)
                .putLong(1)
                .putLong(0)
                .putInt(length);
    }

    private static void send(SocketChannel channel, ByteBuffer bytes) throws IOException {
        bytes.flip();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static ByteBuffer receive(SocketChannel channel, int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the NBD server ended");
            }
        }
        return bytes.flip();
    }
}
