package labeler.linux.jna;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.contract.ProcessesContractTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class JnaProcessesTest extends ProcessesContractTest {
    private final Linux linux = JnaLinux.create();
    private final Map<Pid, Process> started = new HashMap<>();

    @Override
    protected Processes processes() {
        return linux.processes();
    }

    @Override
    protected Pid start() throws IOException {
        Process process = new ProcessBuilder("sleep", "600").start();
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

    @Test
    void a_zombie_is_no_process_any_more() throws Exception {
        // The shell's child ends with its input, once the shell has turned into a program that does not collect it.
        Process parent = new ProcessBuilder(
                        "sh", "-c", "exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 600 3<&- >/dev/null")
                .start();
        try {
            Pid child = new Pid(Integer.parseInt(parent.inputReader().readLine()));
            while (!Files.readString(Path.of("/proc/" + parent.pid() + "/comm")).equals("sleep\n")) {
                Thread.sleep(10);
            }
            parent.getOutputStream().close();
            Path stat = Path.of("/proc/" + child + "/stat");
            while (!Files.readString(stat).contains(") Z ")) {
                Thread.sleep(10);
            }
            assertThat(processes().identify(child)).isEmpty();
        } finally {
            parent.destroyForcibly();
        }
    }

    @Test
    void this_process_is_known_by_its_start_time() throws Exception {
        Pid self = new Pid((int) ProcessHandle.current().pid());
        assertThat(processes().list()).contains(self);
        assertThat(processes().identify(self).orElseThrow().startTime()).isPositive();
    }
}
