package labeler.linux.fake;

import labeler.linux.contract.FileUsersContractTest;
import labeler.linux.contract.Stage;

final class FakeFileUsersTest extends FileUsersContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
