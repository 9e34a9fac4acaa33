package labeler.linux.fake;

import labeler.linux.contract.FileHandlesContractTest;
import labeler.linux.contract.Stage;

final class FakeFileHandlesTest extends FileHandlesContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
