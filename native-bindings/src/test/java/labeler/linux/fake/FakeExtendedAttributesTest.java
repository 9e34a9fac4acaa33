package labeler.linux.fake;

import labeler.linux.contract.ExtendedAttributesContractTest;
import labeler.linux.contract.Stage;

final class FakeExtendedAttributesTest extends ExtendedAttributesContractTest {
    @Override
    protected Stage createStage() {
        return new FakeStage();
    }
}
