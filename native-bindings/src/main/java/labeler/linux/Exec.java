package labeler.linux;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turning this process into another program. */
public interface Exec {
    /**
     * Becomes {@code program}: same process id, signal mask and dispositions clean, no descriptor inherited but 0, 1, 2
     * and {@code inherited}. Returns only by failing, and then with nothing changed that matters to the caller.
     *
     * @param context the security context to run at (/proc/thread-self/attr/exec), empty for the policy's own choice
     * @param arguments with the program's name first
     * @param environment {@code NAME=value} entries
     */
    LinuxException become(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited);
}
