package labeler.linux.fake;

import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import org.jspecify.annotations.Nullable;

/** A descriptor of the fake kernel: on a file, a process or a waker. */
final class FakeDescriptor implements Descriptor {
    private final FakeKernel kernel;
    private final int number;
    final @Nullable Inode inode;
    final HostPath name;
    final boolean writable;
    /** Whether its file was only found, not opened. */
    private boolean found;

    private boolean closed;

    FakeDescriptor(FakeKernel kernel, int number, @Nullable Inode inode, HostPath name, boolean writable) {
        this.kernel = kernel;
        this.number = number;
        this.inode = inode;
        this.name = name;
        this.writable = writable;
    }

    FakeDescriptor ofFound() {
        found = true;
        return this;
    }

    boolean isOfFound() {
        return found;
    }

    @Override
    public int number() {
        synchronized (kernel) {
            if (closed) {
                throw new IllegalStateException("the descriptor is closed");
            }
            return number;
        }
    }

    @Override
    public void close() {
        synchronized (kernel) {
            if (!closed) {
                closed = true;
                kernel.forget(this);
            }
        }
    }

    @Override
    public String toString() {
        return "fake descriptor " + number;
    }
}
