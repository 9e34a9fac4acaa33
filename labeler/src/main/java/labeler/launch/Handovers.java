package labeler.launch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.linux.ProcessIdentity;

/** Descriptors that wait for the process that may fetch them. Whatever is not fetched is closed with its VM. */
public final class Handovers implements AutoCloseable {
    private final Map<ProcessIdentity, List<HandedDescriptor>> waiting = new HashMap<>();

    /** The descriptors are this object's now, until somebody takes them. */
    public synchronized void offer(ProcessIdentity process, List<HandedDescriptor> handed) {
        List<HandedDescriptor> before = waiting.put(process, List.copyOf(handed));
        if (before != null) {
            before.forEach(HandedDescriptor::close);
        }
    }

    /** What waits for this process, once; the taker closes it. */
    public synchronized Optional<List<HandedDescriptor>> take(ProcessIdentity process) {
        return Optional.ofNullable(waiting.remove(process));
    }

    /** Closes what waits for a process that will not come. */
    public synchronized void withdraw(ProcessIdentity process) {
        take(process).ifPresent(handed -> handed.forEach(HandedDescriptor::close));
    }

    @Override
    public synchronized void close() {
        new ArrayList<>(waiting.keySet()).forEach(this::withdraw);
    }
}
