package labeler.linux.jna;

import java.util.concurrent.atomic.AtomicInteger;
import labeler.linux.Descriptor;

/** A descriptor of this process. Whoever closes it makes sure that nobody is using it at that moment. */
final class OwnedDescriptor implements Descriptor {
    private static final int CLOSED = -1;

    private final AtomicInteger number;

    OwnedDescriptor(int number) {
        this.number = new AtomicInteger(number);
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
