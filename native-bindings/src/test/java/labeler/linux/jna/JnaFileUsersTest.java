package labeler.linux.jna;

import labeler.linux.contract.FileUsersContractTest;
import labeler.linux.contract.Stage;

final class JnaFileUsersTest extends FileUsersContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
