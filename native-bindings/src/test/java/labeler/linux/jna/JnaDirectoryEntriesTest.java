package labeler.linux.jna;

import labeler.linux.contract.DirectoryEntriesContractTest;
import labeler.linux.contract.Stage;

final class JnaDirectoryEntriesTest extends DirectoryEntriesContractTest {
    @Override
    protected Stage createStage() throws Exception {
        return new RealStage(JnaLinux.create());
    }
}
