package labeler.launch;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import labeler.linux.Descriptor;
import labeler.linux.LinuxException;
import labeler.linux.Processes;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells when a VM's process has ended, by whatever signal: one thread that waits on all pidfds at once. */
public final class ProcessWatch implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ProcessWatch.class);

    /**
     * After a failed wait (out of memory, say) the thread tries again, and not in a busy loop. Nothing tells when there is
     * memory again, so it only waits for being closed.
     */
    private static final int PAUSE_AFTER_FAILURE_MILLIS = 1000;

    private final Processes processes;
    private final Processes.Waker waker;
    private final Map<Descriptor, VmName> watched = new LinkedHashMap<>();

    /** Descriptors no longer wanted; only the thread that polls them may close them, or their numbers could be reused. */
    private final List<Descriptor> retired = new ArrayList<>();

    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    private ProcessWatch(Processes processes, Processes.Waker waker, Consumer<VmName> ended) {
        this.processes = processes;
        this.waker = waker;
        this.thread = Thread.ofPlatform().name("process-watch").daemon().unstarted(() -> run(ended));
    }

    /**
     * Starts watching; nothing is watched yet.
     *
     * @param ended called on the watch's own thread, once for each process that ends
     */
    public static ProcessWatch start(Processes processes, Consumer<VmName> ended) throws LinuxException {
        ProcessWatch watch = new ProcessWatch(processes, processes.waker(), ended);
        watch.thread.start();
        return watch;
    }

    /** Watches a process from now on. The watch owns the descriptor. */
    public void add(VmName name, Descriptor pidfd) {
        synchronized (watched) {
            watched.put(pidfd, name);
        }
        waker.wake();
    }

    public boolean watches(VmName name) {
        synchronized (watched) {
            return watched.containsValue(name);
        }
    }

    /** Forgets a VM's process; it does nothing if it was not watched. */
    public void remove(VmName name) {
        synchronized (watched) {
            watched.forEach((pidfd, watchedName) -> {
                if (watchedName.equals(name)) {
                    retired.add(pidfd);
                }
            });
            watched.keySet().removeAll(retired);
        }
        waker.wake();
    }

    private void run(Consumer<VmName> ended) {
        while (closing.getCount() > 0) {
            List<Descriptor> pidfds;
            synchronized (watched) {
                retired.forEach(Descriptor::close);
                retired.clear();
                pidfds = List.copyOf(watched.keySet());
            }
            try {
                for (int position : processes.awaitExit(pidfds, waker, -1)) {
                    report(pidfds.get(position), ended);
                }
            } catch (LinuxException e) {
                LOG.error("waiting for the end of VMs: {}", e.getMessage());
                pause();
            }
        }
    }

    private void report(Descriptor pidfd, Consumer<VmName> ended) {
        VmName name;
        synchronized (watched) {
            name = watched.remove(pidfd);
            if (name != null) {
                retired.add(pidfd);
            }
        }
        if (name == null) {
            return;
        }
        try {
            ended.accept(name);
        } catch (RuntimeException | LinkageError | OutOfMemoryError e) {
            // A jar replaced under the running service, say: the other VMs are watched all the same.
            LOG.error("after the end of VM {}", name, e);
        }
    }

    private void pause() {
        try {
            var _ = closing.await(PAUSE_AFTER_FAILURE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        closing.countDown();
        waker.wake();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        synchronized (watched) {
            watched.keySet().forEach(Descriptor::close);
            watched.clear();
            retired.forEach(Descriptor::close);
            retired.clear();
        }
        waker.close();
    }
}
