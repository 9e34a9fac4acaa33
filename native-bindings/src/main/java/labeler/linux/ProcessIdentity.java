package labeler.linux;

/**
 * The identity of a process, even if its number is used again.
 *
 * @param startTime in clock ticks since boot (field 22 of proc_pid_stat(5))
 */
public record ProcessIdentity(Pid pid, long startTime) {}
