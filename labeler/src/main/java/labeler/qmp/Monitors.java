package labeler.qmp;

import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;

/** Opens monitors. */
@FunctionalInterface
public interface Monitors {
    /**
     * Connects to the monitor on a socket, if this very process listens there.
     *
     * @param process the VM's process; the kernel must confirm it before anything is sent
     * @param level the VM's level: SELinux lets qemu use only connections at its own level
     */
    Opening open(HostPath socket, Pid process, Level level);

    /** The result of an open. */
    sealed interface Opening {}

    record Open(Monitor monitor) implements Opening {}

    /**
     * There is no monitor, or it is not this VM's.
     *
     * @param message one line, with the way out
     */
    record NotOpen(String message) implements Opening {}
}
