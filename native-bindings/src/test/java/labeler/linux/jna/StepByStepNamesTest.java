package labeler.linux.jna;

import labeler.linux.contract.NamesContractTest;
import labeler.linux.contract.Stage;

/** Names, resolved without openat2(2). */
final class StepByStepNamesTest extends NamesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create(JnaLinux.Resolution.STEP_BY_STEP));
    }
}
