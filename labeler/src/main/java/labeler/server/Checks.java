package labeler.server;

import jakarta.inject.Inject;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import labeler.api.Report;
import labeler.api.VmAnswer;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
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

    @Inject
    Checks(VmLifecycle lifecycle, RequestLog requests) {
        this.lifecycle = lifecycle;
        this.requests = requests;
    }

    /** With the pair and the process that the VM had then: a later VM of the same name was not compared. */
    private record Found(Level level, Optional<Pid> pid, VmAnswer.Check check) {
        boolean isOf(VmView vm) {
            return level.equals(vm.level()) && pid.equals(vm.pid());
        }
    }

    /** A VM as it is, without a look at its files. */
    Optional<VmAnswer> status(VmName name) {
        return lifecycle.status(name).map(vm -> new VmAnswer(vm, last(vm)));
    }

    private Optional<VmAnswer.Check> last(VmView vm) {
        return Optional.ofNullable(found.get(vm.vm()))
                .filter(last -> last.isOf(vm))
                .map(Found::check);
    }

    /** Compares a VM. Who follows the events is told of drift when it is first seen, and when its count changes. */
    Optional<Report.Verified> verify(VmName name) {
        Optional<VmView> before = lifecycle.status(name);
        Optional<VmReport> report = lifecycle.verify(name);
        if (before.isEmpty() || report.isEmpty()) {
            found.remove(name);
            return report.map(Report.Verified::of);
        }
        Report.Verified verified = Report.Verified.of(report.get());
        long known = last(before.get()).map(VmAnswer.Check::drift).orElse(0L);
        found.keySet().retainAll(Set.copyOf(lifecycle.names()));
        found.put(
                name,
                new Found(
                        before.get().level(),
                        before.get().pid(),
                        new VmAnswer.Check(clock.instant(), verified.drift())));
        if (verified.drift() > 0 && verified.drift() != known) {
            requests.drifted(report.get(), verified.drift());
        }
        return Optional.of(verified);
    }

    /** Labels were set: what was found before is old. */
    void forget(VmName name) {
        found.remove(name);
    }
}
