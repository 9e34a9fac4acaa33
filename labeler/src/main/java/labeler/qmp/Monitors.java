package labeler.qmp;

import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;

/** Where monitors are had from. */
@FunctionalInterface
public interface Monitors {
    /**
     * Connects to the monitor on a socket, if that process itself listens there.
     *
     * @param process the VM's, by the kernel's word; nothing is sent to any other
     * @param level the VM's: a qemu that SELinux confines may use no connection of another one
     */
    Opening open(HostPath socket, Pid process, Level level);

    /** What came of it. */
    sealed interface Opening {}

    record Open(Monitor monitor) implements Opening {}

    /**
     * There is none, or not this VM's.
     *
     * @param message one line, with the way out
     */
    record NotOpen(String message) implements Opening {}
}
