package labeler.policy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;

/** The programs of this host that commands run: those that come with SELinux, and virsh. */
public interface Programs {
    /**
     * Runs a program to its end, without input.
     *
     * @param command the program's name and its arguments; no shell sees them
     * @param waiting gets the program's running time every few seconds
     * @throws IOException if it is not installed, or cannot be run; the message names it
     */
    Ended run(List<String> command, Consumer<Duration> waiting) throws IOException;

    /** Whether there is such a program. */
    boolean isInstalled(String name);

    /** The result of a program. */
    record Ended(int exitCode, String out, String err) {
        boolean succeeded() {
            return exitCode == 0;
        }
    }
}
