package labeler.linux.jna;

import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.Descriptor;

/** A descriptor of this process. The caller that closes it makes sure that nobody uses it at that moment. */
final class OwnedDescriptor implements Descriptor {
    private static final int CLOSED = -1;

    private final AtomicInteger number;
    private final boolean found;

    OwnedDescriptor(int number) {
        this(number, false);
    }

    private OwnedDescriptor(int number, boolean found) {
        this.number = new AtomicInteger(number);
        this.found = found;
    }

    /** A descriptor of a file that was only found ({@code O_PATH}): most calls refuse it with EBADF. */
    static OwnedDescriptor ofFound(int number) {
        return new OwnedDescriptor(number, true);
    }

    static boolean isOfFound(Descriptor descriptor) {
        return descriptor instanceof OwnedDescriptor owned && owned.found;
    }

    @Override
    public int number() {
        int now = number.get();
        if (now == CLOSED) {
            throw new IllegalStateException("the descriptor is closed");
        }
        return now;
    }

    @Override
    public void close() {
        int open = number.getAndSet(CLOSED);
        if (open != CLOSED) {
            Calls.close(open);
        }
    }

    @Override
    public String toString() {
        int now = number.get();
        return now == CLOSED ? "closed descriptor" : "descriptor " + now;
    }
}
