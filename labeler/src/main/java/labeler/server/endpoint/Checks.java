package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import labeler.api.Report;
import labeler.api.VmAnswer;
import labeler.lifecycle.FileView;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;

/**
 * Compares VMs with their records, and remembers what the last comparison of each found. A comparison reads every file of a
 * VM, and a list of VMs must not wait for that: so the list says what was found, and when.
 */
final class Checks {
    private final VmLifecycle lifecycle;
    private final RequestLog requests;
    private final InstantSource clock = InstantSource.system();
    private final Map<VmName, Found> found = new ConcurrentHashMap<>();
    /** The last comparison that began of each VM, while it runs. */
    private final Map<VmName, Object> running = new ConcurrentHashMap<>();

    @Inject
    Checks(VmLifecycle lifecycle, RequestLog requests) {
        this.lifecycle = lifecycle;
        this.requests = requests;
    }

    /** With what the VM was then: a later VM of the same name, or a disk that came since, was not compared. */
    private record Found(Compared compared, VmAnswer.Check check) {}

    private record Compared(Level level, Optional<Pid> pid, Optional<Instant> since, List<HostPath> files) {
        static Compared of(VmView vm) {
            return new Compared(
                    vm.level(),
                    vm.pid(),
                    vm.since(),
                    vm.files().stream().map(FileView::path).toList());
        }
    }

    /** A VM as it is, without a look at its files. */
    Optional<VmAnswer> status(VmName name) {
        return lifecycle.status(name).map(vm -> new VmAnswer(vm, last(vm)));
    }

    private Optional<VmAnswer.Check> last(VmView vm) {
        return Optional.ofNullable(found.get(vm.vm()))
                .filter(last -> last.compared().equals(Compared.of(vm)))
                .map(Found::check);
    }

    /** Compares a VM. Who follows the events is told of drift when it is first seen, and when its count changes. */
    Optional<Report.Verified> verify(VmName name) {
        Object begun = begin(name);
        Optional<VmView> before = lifecycle.status(name);
        Optional<VmReport> report = lifecycle.verify(name);
        if (before.isEmpty() || report.isEmpty()) {
            forget(name);
            return report.map(Report.Verified::of);
        }
        Report.Verified verified = Report.Verified.of(report.get());
        long known = last(before.get()).map(VmAnswer.Check::drift).orElse(0L);
        VmAnswer.Check check = new VmAnswer.Check(clock.instant(), verified.drift());
        if (keep(name, begun, new Found(Compared.of(before.get()), check))
                && verified.drift() > 0
                && verified.drift() != known) {
            requests.drifted(report.get(), verified.drift());
        }
        return Optional.of(verified);
    }

    private synchronized Object begin(VmName name) {
        Object begun = new Object();
        running.put(name, begun);
        return begun;
    }

    /**
     * Not if labels were set while it ran, or if a newer comparison has begun: what it read may be old.
     *
     * @return whether it is kept
     */
    private synchronized boolean keep(VmName name, Object begun, Found result) {
        boolean isLast = running.remove(name, begun);
        if (isLast) {
            found.put(name, result);
        }
        return isLast;
    }

    /** Anything found before is old, and so is the result of a comparison that runs now. */
    synchronized void forget(VmName name) {
        running.remove(name);
        found.remove(name);
    }

    /** Forgets all VMs but these. */
    synchronized void retain(Collection<VmName> names) {
        found.keySet().retainAll(Set.copyOf(names));
    }
}
