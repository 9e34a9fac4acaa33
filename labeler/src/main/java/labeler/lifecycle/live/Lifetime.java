package labeler.lifecycle.live;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Set;
import java.util.concurrent.FutureTask;
import java.util.stream.Collectors;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.launch.RuntimeDirectories;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.start.TakenOver;
import labeler.lifecycle.stop.Recovery;
import labeler.lifecycle.stop.VmEnd;
import labeler.review.ReviewThreads;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;
import labeler.work.Futures;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The begin and end of the lifecycle with the service. It claims the VMs of the last service at once, and gives them
 * back on a thread of its own. So a file system that does not answer does not delay other VMs.
 */
public final class Lifetime implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Lifetime.class);

    private final Ledger ledger;
    private final VmProcesses processes;
    private final Recovery recovery;
    private final TakenOver started;
    private final RuntimeDirectories runtime;
    private final ReviewThreads reviews;
    private final FileSystemWork work;

    /** VMs claimed by {@link #begin}: nobody may have their files until they are given back. */
    private volatile List<Claims.Claim> stale = List.of();

    private final FutureTask<RecoveryReport> first = new FutureTask<>(this::recover);

    @Inject
    Lifetime(
            Ledger ledger,
            VmProcesses processes,
            Recovery recovery,
            TakenOver started,
            RuntimeDirectories runtime,
            ReviewThreads reviews,
            FileSystemWork work) {
        this.ledger = ledger;
        this.processes = processes;
        this.recovery = recovery;
        this.started = started;
        this.runtime = runtime;
        this.reviews = reviews;
        this.work = work;
    }

    /** Call this once, when the directories are the service's own and before the first request. */
    public void begin() {
        stale = recovery.begin();
        List<VmRecord> held = ledger.holdings().vms();
        runtime.keepOnly(held.stream().map(VmRecord::name).collect(Collectors.toSet()));
        Set<VmName> ending = stale.stream().map(Claims.Claim::name).collect(Collectors.toSet());
        started.begin(held.stream().filter(vm -> !ending.contains(vm.name())).toList());
        Thread.ofPlatform().name("recovery").daemon().start(first);
        recovery.beginSettlement();
    }

    private RecoveryReport recover() {
        ledger.others().begin();
        RecoveryReport report = recovery.recover(stale, false, false);
        report.ended().forEach(vm -> LOG.info("recovered VM {}: {}", vm.name(), VmEnd.summary(vm)));
        return report;
    }

    /** For those that come later, on somebody's wish. */
    Recovery recovery() {
        return recovery;
    }

    boolean isRecovered() {
        return first.isDone();
    }

    /** Waits for the end of the recovery; an exception of the recovery is thrown here. */
    void awaitRecovery() {
        RecoveryReport _ = Futures.forResult(first);
    }

    /** VMs stay as they are: the next service takes them over. */
    @Override
    public void close() throws JournalException {
        processes.close();
        recovery.close();
        ledger.others().close();
        started.close();
        reviews.close();
        work.close();
        runtime.close();
        ledger.lock().lock();
        try {
            ledger.journal().close();
        } finally {
            ledger.lock().unlock();
        }
    }
}
