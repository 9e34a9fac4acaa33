package labeler.guard.emulator;

import java.io.IOException;
import java.nio.channels.ServerSocketChannel;
import labeler.linux.Descriptor;
import labeler.linux.ProcessIdentity;

/** Puts a guard between libvirt and the monitor of a domain. */
@FunctionalInterface
public interface DomainGuard {
    /** Gives the process that will be qemu its socket. */
    @FunctionalInterface
    interface Giving {
        /**
         * Returns when that process listens.
         *
         * @param bound stays the caller's
         */
        void give(Descriptor bound) throws IOException;
    }

    /**
     * Begins. Returns when qemu's socket is reached.
     *
     * @param manager where libvirt connects; it belongs to the guard now, unless this fails
     * @throws IOException where it cannot, with a reason; nothing is left then
     */
    void begin(StartingDomain domain, ProcessIdentity qemu, ServerSocketChannel manager, Giving giving)
            throws IOException;
}
