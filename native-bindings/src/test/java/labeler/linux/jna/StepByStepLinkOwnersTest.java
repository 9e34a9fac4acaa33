package labeler.linux.jna;

import labeler.linux.contract.LinkOwnersContractTest;
import labeler.linux.contract.Stage;

final class StepByStepLinkOwnersTest extends LinkOwnersContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create(JnaLinux.Resolution.STEP_BY_STEP));
    }
}
