package labeler.linux.jna;

import labeler.linux.contract.SocketCreationContractTest;
import labeler.linux.contract.Stage;

final class JnaSocketCreationTest extends SocketCreationContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
