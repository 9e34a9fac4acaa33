package labeler.work;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ThreadFactory;

/** Work for a device that may never end: one thread for each device at most. */
public final class DeviceThreads {
    private final ThreadFactory threads;

    /** Devices with work; guarded by itself. */
    private final Set<Long> busy = new HashSet<>();

    public DeviceThreads(ThreadFactory threads) {
        this.threads = threads;
    }

    /**
     * Begins this on a thread of its own; empty if earlier work for the device goes on. If no thread can be had, that is
     * thrown here, and the device is free for the next work.
     */
    public <T> Optional<Future<T>> begin(long device, Callable<T> work) {
        synchronized (busy) {
            if (!busy.add(device)) {
                return Optional.empty();
            }
        }
        boolean isBegun = false;
        try {
            FutureTask<T> task = new FutureTask<>(() -> {
                try {
                    return work.call();
                } finally {
                    end(device);
                }
            });
            threads.newThread(task).start();
            isBegun = true;
            return Optional.of(task);
        } finally {
            if (!isBegun) {
                end(device);
            }
        }
    }

    private void end(long device) {
        synchronized (busy) {
            busy.remove(device);
        }
    }
}
