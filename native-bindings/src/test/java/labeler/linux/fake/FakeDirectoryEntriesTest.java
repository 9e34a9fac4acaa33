package labeler.linux.fake;

import labeler.linux.contract.DirectoryEntriesContractTest;
import labeler.linux.contract.Stage;

final class FakeDirectoryEntriesTest extends DirectoryEntriesContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
