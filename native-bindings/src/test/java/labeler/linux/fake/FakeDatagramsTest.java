package labeler.linux.fake;

import java.util.List;
import labeler.linux.SocketName;
import labeler.linux.UnixSockets;
import labeler.linux.contract.DatagramsContractTest;

final class FakeDatagramsTest extends DatagramsContractTest {
    private final FakeLinux linux = new FakeLinux();

    @Override
    protected UnixSockets sockets() {
        return linux.linux().sockets();
    }

    @Override
    protected Receiver listen(SocketName name) {
        linux.sockets().listen(name);
        return new Receiver() {
            @Override
            public List<String> receive(int count) {
                return linux.sockets().datagrams(name).subList(0, count);
            }

            @Override
            public void close() {}
        };
    }
}
