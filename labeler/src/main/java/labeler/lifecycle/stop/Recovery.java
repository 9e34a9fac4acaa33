package labeler.lifecycle.stop;

import java.util.List;
import java.util.concurrent.FutureTask;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.hold.Waiting;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the service does at its start with what the last one left: on a thread of its own, since a file system that does not
 * answer may not keep all others from being served. Files that are still to be given back are nobody's until they are.
 */
public final class Recovery {
    private static final Logger LOG = LoggerFactory.getLogger(Recovery.class);

    private final FutureTask<RecoveryReport> task;

    /** @param stale taken by {@link VmStop#claimStale} */
    public Recovery(VmStop stop, List<VmName> stale) {
        this.task = new FutureTask<>(() -> {
            RecoveryReport report = stop.recover(stale, false, false);
            report.ended().forEach(vm -> LOG.info("recovered VM {}: {}", vm.name(), VmStop.summary(vm)));
            return report;
        });
    }

    public void start() {
        Thread.ofPlatform().name("recovery").daemon().start(task);
    }

    public boolean isOver() {
        return task.isDone();
    }

    /** Waits for its end; what was thrown is thrown here. */
    public void await() {
        RecoveryReport _ = Waiting.forResult(task);
    }
}
