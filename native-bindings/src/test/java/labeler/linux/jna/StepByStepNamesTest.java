package labeler.linux.jna;

import labeler.linux.contract.NamesContractTest;
import labeler.linux.contract.Stage;

/** The way without openat2(2), forced. */
final class StepByStepNamesTest extends NamesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create(JnaLinux.Resolution.STEP_BY_STEP));
    }
}
