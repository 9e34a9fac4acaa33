package labeler.launch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.ProcessIdentity;

/** Descriptors that wait for the process that may fetch them. Those that are not fetched are closed with their VM. */
public final class Handovers implements AutoCloseable {
    private final Map<ProcessIdentity, List<HandedDescriptor>> waiting = new HashMap<>();

    /** Offers descriptors. They are this object's now, until the process takes them. */
    public synchronized void offer(ProcessIdentity process, List<HandedDescriptor> handed) {
        List<HandedDescriptor> before = waiting.put(process, List.copyOf(handed));
        if (before != null) {
            before.forEach(HandedDescriptor::close);
        }
    }

    /** The descriptors that wait for this process, once; the taker closes them. */
    public synchronized Optional<List<HandedDescriptor>> take(ProcessIdentity process) {
        return Optional.ofNullable(waiting.remove(process));
    }

    /** Closes the descriptors for a process that will not come. */
    public synchronized void withdraw(ProcessIdentity process) {
        take(process).ifPresent(handed -> handed.forEach(HandedDescriptor::close));
    }

    @Override
    public synchronized void close() {
        new ArrayList<>(waiting.keySet()).forEach(this::withdraw);
    }
}
