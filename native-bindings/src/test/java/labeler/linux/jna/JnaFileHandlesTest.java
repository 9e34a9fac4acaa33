package labeler.linux.jna;

import labeler.linux.contract.FileHandlesContractTest;
import labeler.linux.contract.Stage;

final class JnaFileHandlesTest extends FileHandlesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
