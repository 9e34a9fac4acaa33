package labeler.linux;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Turning this process into another program. */
public interface Exec {
    /**
     * Becomes {@code program}: same process id, signal mask and dispositions clean, no descriptor inherited but 0, 1, 2
     * and {@code inherited}. Signals that were ignored when this process was started stay ignored, as with any exec
     * (nohup(1) relies on it). The JVM has raised the soft limit of open files, and it stays raised, unless the JVM was
     * started with {@code -XX:-MaxFDLimit}. It returns only if it fails, and then nothing has changed that matters to
     * the caller.
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

    /** The version of Landlock that the kernel offers, 0 if none. */
    int landlockVersion() throws LinuxException;

    /**
     * As {@link #become}, and the program may do with files only what these rules allow: a Landlock ruleset that handles
     * every right the kernel knows. Descriptors that are handed over keep working for every file. The rules have to
     * allow executing the program itself, its interpreter and its libraries.
     *
     * <p>If this process lacks CAP_SYS_ADMIN, the program also runs with {@code no_new_privs}.
     *
     * @return ENOSYS where the kernel has no Landlock
     */
    LinuxException becomeConfined(
            HostPath program,
            List<byte[]> arguments,
            List<byte[]> environment,
            Optional<byte[]> context,
            Set<Descriptor> inherited,
            List<LandlockRule> rules);
}
