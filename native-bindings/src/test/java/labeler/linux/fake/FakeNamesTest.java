package labeler.linux.fake;

import labeler.linux.contract.NamesContractTest;
import labeler.linux.contract.Stage;

final class FakeNamesTest extends NamesContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
