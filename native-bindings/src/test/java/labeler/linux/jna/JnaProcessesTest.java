package labeler.linux.jna;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import labeler.linux.Descriptor;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.linux.Processes;
import labeler.linux.contract.ProcessesContractTest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class JnaProcessesTest extends ProcessesContractTest {
    @TempDir
    Path directory;

    private final Linux linux = JnaLinux.create();
    private final Map<Pid, Process> started = new HashMap<>();

    @SuppressWarnings("NullAway.Init") // JUnit sets the directory
    JnaProcessesTest() {}

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
        // The shell's child ends with its input, after the shell has become a program that does not collect it.
        Process parent = new ProcessBuilder(
                        "sh", "-c", "exec 3<&0; cat <&3 >/dev/null & echo $!; exec sleep 600 3<&- >/dev/null")
                .start();
        try {
            Pid child = new Pid(Integer.parseInt(parent.inputReader().readLine()));
            while (!Files.readString(Path.of("/proc/" + parent.pid() + "/comm")).equals("sleep\n")) {
                Thread.sleep(10);
            }
            parent.getOutputStream().close();
            awaitZombie(child);
            assertThat(processes().identify(child)).isEmpty();
        } finally {
            parent.destroyForcibly();
        }
    }

    /** Its first thread ends by itself, and the other one goes on with a file open. */
    private static final String LEADERLESS = """
            #include <fcntl.h>
            #include <pthread.h>
            #include <stdio.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static void *rest(void *file) {
                while (1) pause();
                return file;
            }
            int main(int count, char **arguments) {
                pthread_t thread;
                if (count != 2 || open(arguments[1], O_RDWR) < 0 || pthread_create(&thread, 0, rest, 0)) return 1;
                puts("ready");
                fflush(stdout);
                syscall(SYS_exit, 0);
            }
            """;

    @Test
    void a_process_whose_first_thread_has_ended_lives_until_the_last_one_has() throws Exception {
        RequiredCapability.COMPILER.assume();
        Path source = Files.writeString(directory.resolve("leaderless.c"), LEADERLESS);
        Path program = directory.resolve("leaderless");
        RealStage.run("cc", "-pthread", "-o", program.toString(), source.toString());
        Process process = new ProcessBuilder(program.toString(), source.toString()).start();
        try {
            assertThat(process.inputReader().readLine()).isEqualTo("ready");
            Pid pid = new Pid((int) process.pid());
            awaitZombie(pid);

            ProcessIdentity identity = processes().identify(pid).orElseThrow();
            try (Processes.Waker waker = processes().waker();
                    Descriptor pidfd = processes().open(pid)) {
                assertThat(processes().awaitExit(List.of(pidfd), waker, 0)).isEmpty();
                assertThat(processes().identify(pid)).contains(identity);

                processes().kill(pidfd);
                assertThat(processes().awaitExit(List.of(pidfd), waker, -1)).containsExactly(0);
                assertThat(processes().identify(pid)).isEmpty();
            }
        } finally {
            process.destroyForcibly();
        }
    }

    private static void awaitZombie(Pid pid) throws Exception {
        Path stat = Path.of("/proc/" + pid + "/stat");
        while (!Files.readString(stat).contains(") Z ")) {
            Thread.sleep(10);
        }
    }

    @Test
    void a_thread_is_no_process() throws Exception {
        try (Stream<Path> tasks = Files.list(Path.of("/proc/self/task"))) {
            List<Pid> threads = tasks.map(
                            task -> new Pid(Integer.parseInt(task.getFileName().toString())))
                    .filter(thread -> thread.value() != ProcessHandle.current().pid())
                    .toList();
            assertThat(threads).isNotEmpty();
            for (Pid thread : threads) {
                assertThat(processes().identify(thread)).isEmpty();
            }
        }
    }

    @Test
    void this_process_is_known_by_its_start_time() throws Exception {
        Pid self = new Pid((int) ProcessHandle.current().pid());
        assertThat(processes().list()).contains(self);
        assertThat(processes().identify(self).orElseThrow().startTime()).isPositive();
    }
}
