package labeler.launch;

import labeler.linux.Descriptor;

/**
 * A file that was opened for a VM.
 *
 * @param set the number of its fdset in the command line
 */
public record HandedDescriptor(int set, Descriptor descriptor) implements AutoCloseable {
    @Override
    public void close() {
        descriptor.close();
    }
}
