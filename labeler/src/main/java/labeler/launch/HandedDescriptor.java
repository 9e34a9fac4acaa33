package labeler.launch;

import labeler.linux.Descriptor;

/**
 * A file that was opened for a VM.
 *
 * @param set the number of its fdset in the command line, or {@link #MONITOR}
 */
public record HandedDescriptor(int set, Descriptor descriptor) implements AutoCloseable {
    /** Stands for the socket of the real monitor; sets begin at 1. */
    public static final int MONITOR = 0;

    @Override
    public void close() {
        descriptor.close();
    }
}
