package labeler.linux.fake;

import labeler.linux.contract.SocketCreationContractTest;
import labeler.linux.contract.Stage;

final class FakeSocketCreationTest extends SocketCreationContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
