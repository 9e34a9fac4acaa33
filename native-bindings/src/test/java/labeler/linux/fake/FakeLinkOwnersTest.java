package labeler.linux.fake;

import labeler.linux.contract.LinkOwnersContractTest;
import labeler.linux.contract.Stage;

final class FakeLinkOwnersTest extends LinkOwnersContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
