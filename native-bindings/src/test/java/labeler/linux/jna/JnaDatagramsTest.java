package labeler.linux.jna;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.jna.LastErrorException;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import java.util.ArrayList;
import java.util.List;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import labeler.linux.contract.DatagramsContractTest;

final class JnaDatagramsTest extends DatagramsContractTest {
    /** The calls of the C library that a receiver needs, and the product does not. */
    private static final class ReceiverC {
        static {
            Native.register(ReceiverC.class, NativeLibrary.getProcess());
        }

        private ReceiverC() {}

        static native int bind(int socket, byte[] address, int size) throws LastErrorException;

        static native long recv(int socket, byte[] buffer, long size, int flags) throws LastErrorException;
    }

    private static final int LARGEST = 1024;

    private final UnixSockets sockets = JnaLinux.create().sockets();

    @Override
    protected UnixSockets sockets() {
        return sockets;
    }

    @Override
    protected Receiver listen(SocketName name) {
        byte[] text = name.text().bytes();
        byte[] address = new byte[Abi.UnixAddress.PATH + text.length + (name.isAbstract() ? 1 : 0)];
        address[0] = Abi.UnixAddress.AF_UNIX;
        System.arraycopy(text, 0, address, address.length - text.length, text.length);
        int socket = LibC.socket(Abi.UnixAddress.AF_UNIX, Abi.UnixAddress.SOCK_DGRAM | Abi.UnixAddress.SOCK_CLOEXEC, 0);
        ReceiverC.bind(socket, address, address.length);
        return new Receiver() {
            @Override
            public List<String> receive(int count) {
                List<String> received = new ArrayList<>();
                byte[] buffer = new byte[LARGEST];
                while (received.size() < count) {
                    int length = Math.toIntExact(ReceiverC.recv(socket, buffer, buffer.length, 0));
                    received.add(new String(buffer, 0, length, UTF_8));
                }
                return received;
            }

            @Override
            public void close() {
                Calls.close(socket);
            }
        };
    }
}
