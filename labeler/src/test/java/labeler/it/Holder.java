package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import labeler.linux.Pid;
import labeler.needs.Need;

/** A process that holds a file in an unusual way, as a hostile qemu could. */
public final class Holder implements AutoCloseable {
    private static final String SOURCE = """
            #define _GNU_SOURCE
            #include <fcntl.h>
            #include <pthread.h>
            #include <signal.h>
            #include <stdio.h>
            #include <string.h>
            #include <sys/mount.h>
            #include <sys/syscall.h>
            #include <unistd.h>
            static void *rest(void *file) {
                while (1) pause();
                return file;
            }
            static void *toggle(void *file) {
                int numbers[100];
                while (1) {
                    for (int i = 0; i < 100; i++) numbers[i] = dup(*(int *) file);
                    for (int i = 0; i < 100; i++) close(numbers[i]);
                }
                return file;
            }
            static void *succeed(void *file) {
                pthread_t next;
                pthread_detach(pthread_self());
                while (pthread_create(&next, 0, succeed, file));
                return file;
            }
            int main(int count, char **arguments) {
                pthread_t thread;
                if (count != 3) return 2;
                int covers = strcmp(arguments[1], "cover") == 0;
                int file = open(covers ? "/dev/fuse" : arguments[2], O_RDWR);
                if (file < 0) return 3;
                char options[100];
                snprintf(options, sizeof options, "fd=%d,rootmode=40000,user_id=1000,group_id=1000", file);
                if (covers && mount("fuse", arguments[2], "fuse", 0, options)) return 6;
                /* Whoever breaks the lease is told to wait, and the holder does not care. */
                signal(SIGIO, SIG_IGN);
                int leased = strcmp(arguments[1], "lease") == 0;
                if (leased && fcntl(file, F_SETLEASE, F_WRLCK)) return 4;
                int toggles = strcmp(arguments[1], "toggle") == 0;
                int churns = strcmp(arguments[1], "churn") == 0;
                if (pthread_create(&thread, 0, toggles ? toggle : churns ? succeed : rest, &file)) return 5;
                puts("ready");
                fflush(stdout);
                if (churns || strcmp(arguments[1], "thread") == 0) syscall(SYS_exit, 0);
                rest(arguments[2]);
            }
            """;

    private final Process process;

    private Holder(Process process) {
        this.process = process;
    }

    /** It has the file open in one thread, and its first thread has ended. */
    public static Holder withoutItsFirstThread(Path directory, Path file) throws IOException {
        return withoutItsFirstThread("thread", directory, file);
    }

    /** The same, and each other thread ends as soon as it has begun the next one. */
    public static Holder withShortThreads(Path directory, Path file) throws IOException {
        return withoutItsFirstThread("churn", directory, file);
    }

    /** It has the file open, and opens and closes a hundred more descriptors of it without an end. */
    public static Holder toggling(Path directory, Path file) throws IOException {
        return started(directory, "toggle", file);
    }

    private static Holder withoutItsFirstThread(String how, Path directory, Path file) throws IOException {
        Holder holder = started(directory, how, file);
        Path stat = Path.of("/proc/" + holder.pid() + "/stat");
        eventually("its first thread has ended", () -> Files.readString(stat).contains(") Z "));
        return holder;
    }

    /** It has a lease on the file, which blocks every open. */
    static Holder withLease(Path directory, Path file) throws IOException {
        return started(directory, "lease", file);
    }

    /** It has a FUSE file system over the directory, which answers nobody. No other user may enter, even root. */
    static Holder covering(Path directory, Path covered) throws IOException {
        Need.require(Files.exists(Path.of("/dev/fuse")), "needs FUSE in the kernel");
        return started(directory, "cover", covered);
    }

    private static Holder started(Path directory, String how, Path file) throws IOException {
        Machine.requireRootAnd("gcc");
        Path source = Files.writeString(directory.resolve("holder.c"), SOURCE);
        Path program = directory.resolve("holder");
        Command.done("gcc", "-pthread", "-o", program.toString(), source.toString());
        Process process = new ProcessBuilder(program.toString(), how, file.toString()).start();
        assertThat(process.inputReader().readLine()).isEqualTo("ready");
        return new Holder(process);
    }

    public Pid pid() {
        return new Pid(Math.toIntExact(process.pid()));
    }

    void end() {
        process.destroyForcibly();
        assertThat(Command.await(process)).isTrue();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
