package labeler.domain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import labeler.config.LibvirtConfig;
import labeler.leftover.LibvirtFiles;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.hold.NotFollowed;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Follows the running domains of libvirt that are on record. libvirt keeps the state of each in a file, and replaces it
 * at each change: a device, a medium, a snapshot, the begin and the end of a job. A change leads to a look at that one
 * domain, on a thread of its own. Without such a domain nothing runs.
 */
public final class FollowedDomains implements DomainEvents, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FollowedDomains.class);

    /** A file system may hold up a look. */
    private static final long CLOSING_SECONDS = 5;

    private final DomainLook look;
    private final LibvirtFiles libvirt;
    private final VmLifecycle lifecycle;
    private final NotFollowed problems;
    private final LibvirtConfig config;
    private final Pace pace;
    private final Map<VmName, Domain> domains = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("domain-", 0).factory());
    private Optional<StateWatch> watch = Optional.empty();

    @Inject
    FollowedDomains(
            DomainLook look,
            LibvirtFiles libvirt,
            VmLifecycle lifecycle,
            NotFollowed problems,
            LibvirtConfig config,
            Pace pace) {
        this.look = look;
        this.libvirt = libvirt;
        this.lifecycle = lifecycle;
        this.problems = problems;
        this.config = config;
        this.pace = pace;
    }

    /** Looks at all domains that the last service has left on record. */
    public void begin() {
        lifecycle.names().forEach(this::started);
    }

    /** Does nothing for a VM that is none of libvirt's. */
    @Override
    public void started(VmName name) {
        if (config.follow() && look.followed(name).isPresent()) {
            watch();
            ask(name);
        }
    }

    @Override
    public void ended(VmName name) {
        domains.remove(name);
        problems.forget(name);
    }

    private synchronized void watch() {
        if (watch.filter(StateWatch::isValid).isPresent()) {
            return;
        }
        try {
            close(watch);
            watch = Optional.of(StateWatch.open(libvirt.running(), this::changed, this::begin));
        } catch (IOException e) {
            LOG.warn(
                    "{}: cannot be watched ({}); what libvirt gives to running domains is not on record",
                    HostPath.of(libvirt.running()),
                    IoReason.of(e));
        }
    }

    private void changed(Path file) {
        LibvirtFiles.domainOf(file)
                .filter(name -> look.followed(name).isPresent())
                .ifPresent(this::ask);
    }

    private void ask(VmName name) {
        domains.computeIfAbsent(name, Domain::new).ask();
    }

    /** One domain, at which one thread looks at a time. */
    private final class Domain {
        private final VmName name;

        /** The number of changes so far. */
        private long changes;

        private boolean isClosed;

        private boolean isLookedAt;

        Domain(VmName name) {
            this.name = name;
        }

        synchronized void ask() {
            changes++;
            notifyAll();
            if (!isLookedAt && !isClosed) {
                try {
                    threads.execute(this::work);
                    isLookedAt = true;
                } catch (RejectedExecutionException e) {
                    LOG.info("VM {}: the service ends, and the next one looks at it", name);
                }
            }
        }

        /** A look that is under way comes to its end, and no other begins. */
        synchronized void close() {
            isClosed = true;
            notifyAll();
        }

        private void work() {
            try {
                follow();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (RuntimeException | LinkageError e) {
                LOG.error("VM {}: while following what libvirt gives it", name, e);
                end(-1);
            }
        }

        private void follow() throws InterruptedException {
            Set<HostPath> quiet = Set.of();
            while (true) {
                Thread.sleep(pace.quiet());
                long seen = changes();
                if (isClosed()) {
                    return;
                }
                switch (look.look(name, quiet)) {
                    case DomainLook.Nothing() -> {
                        quiet = Set.of();
                        if (end(seen)) {
                            return;
                        }
                    }
                    case DomainLook.Leaving(Set<HostPath> files) ->
                        quiet = changesWithin(pace.settling(), seen) ? Set.of() : files;
                    case DomainLook.Gone() -> {
                        quiet = Set.of();
                        if (!changesWithin(pace.patience(), seen) && isStillGone()) {
                            look.end(name);
                        }
                    }
                }
            }
        }

        private boolean isStillGone() {
            return look.look(name, Set.of()) instanceof DomainLook.Gone;
        }

        private synchronized boolean isClosed() {
            return isClosed;
        }

        private synchronized long changes() {
            return changes;
        }

        /** Ends the thread's work, unless there is a change that it has not seen. */
        private synchronized boolean end(long seen) {
            if (seen >= 0 && seen != changes) {
                return false;
            }
            isLookedAt = false;
            return true;
        }

        /** Waits for a change, or for this time without one. */
        private synchronized boolean changesWithin(Duration time, long seen) throws InterruptedException {
            long deadline = System.nanoTime() + time.toNanos();
            for (long left = time.toMillis(); changes == seen && !isClosed && left > 0; ) {
                wait(left);
                left = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            }
            return changes != seen || isClosed;
        }
    }

    @Override
    public synchronized void close() throws IOException {
        close(watch);
        domains.values().forEach(Domain::close);
        threads.shutdown();
        try {
            if (!threads.awaitTermination(CLOSING_SECONDS, TimeUnit.SECONDS)) {
                LOG.warn("a look at a domain has not ended; the next service looks again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void close(Optional<StateWatch> open) throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
