package labeler.linux.jna;

import labeler.linux.contract.ExtendedAttributesContractTest;
import labeler.linux.contract.Stage;

final class JnaExtendedAttributesTest extends ExtendedAttributesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
