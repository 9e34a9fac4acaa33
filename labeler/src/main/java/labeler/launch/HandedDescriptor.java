package labeler.launch;

import labeler.linux.Descriptor;

/**
 * A file that was opened for a VM.
 *
 * @param set the number of the fdset that its command line knows it by
 */
public record HandedDescriptor(int set, Descriptor descriptor) implements AutoCloseable {
    @Override
    public void close() {
        descriptor.close();
    }
}
