package labeler.linux.jna;

import labeler.linux.contract.NamesContractTest;
import labeler.linux.contract.Stage;

final class JnaNamesTest extends NamesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
