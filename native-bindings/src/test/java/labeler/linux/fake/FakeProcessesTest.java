package labeler.linux.fake;

import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.contract.ProcessesContractTest;

final class FakeProcessesTest extends ProcessesContractTest {
    private final FakeLinux fake = new FakeLinux();
    private int last = 1000;

    @Override
    protected Processes processes() {
        return fake.linux().processes();
    }

    @Override
    protected Pid start() {
        last++;
        return fake.processes().start(last).pid();
    }

    @Override
    protected void end(Pid pid) {
        fake.processes().end(pid.value());
    }
}
