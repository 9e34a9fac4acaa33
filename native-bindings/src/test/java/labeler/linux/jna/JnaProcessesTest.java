package labeler.linux.jna;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.contract.ProcessesContractTest;
import org.junit.jupiter.api.AfterEach;

final class JnaProcessesTest extends ProcessesContractTest {
    private final Linux linux = JnaLinux.create();
    private final Map<Pid, Process> started = new HashMap<>();

    @Override
    protected Processes processes() {
        return linux.processes();
    }

    @Override
    protected Pid start() throws IOException {
        Process process = new ProcessBuilder("sleep", "60").start();
        Pid pid = new Pid((int) process.pid());
        started.put(pid, process);
        return pid;
    }

    @Override
    protected void end(Pid pid) throws InterruptedException {
        Process process = started.remove(pid);
        if (process != null) {
            process.destroyForcibly().waitFor();
        }
    }

    @AfterEach
    void endAll() {
        started.values().forEach(Process::destroyForcibly);
    }
}
