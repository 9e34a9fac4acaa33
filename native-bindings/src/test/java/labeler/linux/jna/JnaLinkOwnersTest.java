package labeler.linux.jna;

import labeler.linux.contract.LinkOwnersContractTest;
import labeler.linux.contract.Stage;

final class JnaLinkOwnersTest extends LinkOwnersContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
