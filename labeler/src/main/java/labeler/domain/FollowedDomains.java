package labeler.domain;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import labeler.config.LibvirtConfig;
import labeler.leftover.LibvirtFiles;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.hold.NotFollowed;
import labeler.linux.HostPath;
import labeler.problem.IoReason;
import labeler.vm.VmName;
import labeler.work.WorkEnd;
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
    private final DomainEnd end;
    private final LibvirtFiles libvirt;
    private final VmLifecycle lifecycle;
    private final NotFollowed problems;
    private final LibvirtConfig config;
    private final Pace pace;
    private final Map<VmName, FollowedDomain> domains = new ConcurrentHashMap<>();
    private final ExecutorService threads = Executors.newThreadPerTaskExecutor(
            Thread.ofVirtual().name("domain-", 0).factory());
    private Optional<StateWatch> watch = Optional.empty();
    private boolean isClosed;

    @Inject
    FollowedDomains(
            DomainLook look,
            DomainEnd end,
            LibvirtFiles libvirt,
            VmLifecycle lifecycle,
            NotFollowed problems,
            LibvirtConfig config,
            Pace pace) {
        this.look = look;
        this.end = end;
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

    /** Ends what an earlier domain of that name has left on record, if it does not run. */
    @Override
    public void starting(VmName name) {
        if (look.followed(name).isPresent()) {
            drop(name);
            end.startsAgain(name);
            // It is still there if a process of it runs.
            started(name);
        }
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
    public Optional<String> signOfLife(VmName name) {
        // Whether it is followed or not: what runs is not to lose its files.
        return look.followed(name).flatMap(end::signOfLife);
    }

    @Override
    public void ended(VmName name) {
        drop(name);
        problems.forget(name);
    }

    private void drop(VmName name) {
        Optional.ofNullable(domains.remove(name)).ifPresent(FollowedDomain::close);
    }

    private void watch() {
        if (renewWatch()) {
            // A change from before is in no event.
            askAll();
        }
    }

    /** @return whether there is a new watch, and there was none up to now */
    private synchronized boolean renewWatch() {
        if (isClosed || watch.filter(StateWatch::isValid).isPresent()) {
            return false;
        }
        try {
            close(watch);
            watch = Optional.of(StateWatch.open(libvirt.running(), this::changed, this::askAll));
            return true;
        } catch (IOException e) {
            watch = Optional.empty();
            LOG.warn(
                    "{}: cannot be watched ({}); what libvirt gives to running domains is not on record until the next"
                            + " start of one",
                    HostPath.of(libvirt.running()),
                    IoReason.of(e));
            return false;
        }
    }

    /** Any domain may have changed. */
    private void askAll() {
        lifecycle.names().stream()
                .filter(name -> look.followed(name).isPresent())
                .forEach(this::ask);
    }

    private void changed(Path file) {
        LibvirtFiles.domainOf(file).ifPresent(name -> {
            if (look.followed(name).isPresent()) {
                ask(name);
            } else {
                drop(name);
                look.forget(name);
            }
        });
    }

    private void ask(VmName name) {
        domains.computeIfAbsent(name, it -> new FollowedDomain(it, look, end, pace, threads))
                .ask();
    }

    @Override
    public void close() throws IOException {
        synchronized (this) {
            isClosed = true;
            close(watch);
        }
        domains.values().forEach(FollowedDomain::close);
        WorkEnd.await(
                threads,
                CLOSING_SECONDS,
                () -> LOG.warn("a look at a domain has not ended; the next service looks again"));
    }

    private static void close(Optional<StateWatch> open) throws IOException {
        if (open.isPresent()) {
            open.get().close();
        }
    }
}
