package labeler.lifecycle.start;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.fileset.FileSet;
import labeler.guard.place.GuardedVms;
import labeler.journal.GuardRecord;
import labeler.journal.VmRecord;
import labeler.launch.Allowance;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.stop.VmEnd;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.plan.Plan;
import labeler.problem.Problem;
import labeler.work.FileSystemTask;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The second half of a start, without the lock: hands over files without a label to the VM's launcher. */
record LaunchHandover(
        Ledger ledger,
        LaunchFiles launchFiles,
        VmViews views,
        Confinement confinement,
        LaunchWatch watch,
        VmEnd end,
        GuardedVms guards) {
    private static final Logger LOG = LoggerFactory.getLogger(LaunchHandover.class);

    /** The end of a name that nobody uses. */
    private static final String OTHER_SOCKET = ".other";

    @Inject
    LaunchHandover {}

    StartOutcome handOver(VmStart.Labelled labelled, FileSet files, FileSystemTask errand) {
        List<HandedDescriptor> handed = new ArrayList<>();
        boolean complete = false;
        try {
            Optional<Problem> problem = launchFiles.copy(
                    labelled.handover(), files, labelled.prepared().contexts());
            if (problem.isPresent()) {
                return notStarted(problem.get());
            }
            handed.addAll(launchFiles.open(labelled.handover(), files));
            Optional<Problem> unguarded = guard(labelled, handed);
            if (unguarded.isPresent()) {
                return notStarted(unguarded.get());
            }
            StartOutcome outcome = offer(labelled, files, handed, errand);
            complete = outcome instanceof StartOutcome.Started;
            return outcome;
        } catch (LinuxException e) {
            return notStarted(Problem.of(
                    Problem.Kind.UNREADABLE,
                    "a file that is to be handed over cannot be opened (" + e.getMessage() + ")"));
        } finally {
            if (!complete) {
                handed.forEach(HandedDescriptor::close);
                end.giveUp(labelled.vm());
            }
        }
    }

    /** Puts the guard before the monitor, and adds the socket for qemu; answers why it cannot. */
    private Optional<Problem> guard(VmStart.Labelled labelled, List<HandedDescriptor> handed) {
        StartRequest request = labelled.request();
        if (request.guarding().isEmpty()) {
            return Optional.empty();
        }
        StartRequest.Guarding guarding = request.guarding().get();
        try {
            handed.add(new HandedDescriptor(
                    HandedDescriptor.MONITOR,
                    guards.place(
                            labelled.vm(),
                            new GuardRecord(
                                    request.name(), request.owner().uid(), guarding.isWhole(), guarding.places()),
                            sets(labelled.handover()))));
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of(Problem.of(
                    Problem.Kind.LABEL_NOT_SET,
                    "no guard can be placed before the VM's monitor (" + e.getMessage() + ")"));
        }
    }

    private static Map<Long, HostPath> sets(DescriptorHandover.Possible handover) {
        Map<Long, HostPath> sets = new HashMap<>();
        handover.rewritten().descriptors().forEach(set -> sets.put((long) set.set(), set.path()));
        return sets;
    }

    /** Offers the descriptors. If the caller has gone, nobody is left who could stop the VM. */
    private StartOutcome offer(
            VmStart.Labelled labelled, FileSet files, List<HandedDescriptor> handed, FileSystemTask errand) {
        VmRecord vm = labelled.vm();
        VmView started = view(labelled, files);
        return ledger.lock().holding(() -> {
            if (end.started(vm).isEmpty() || ledger.claims().isEnding(vm.name())) {
                return notStarted(Problem.of(
                        Problem.Kind.PROCESS_ENDED,
                        "it was stopped, or its process ended, while its files were being opened"));
            }
            if (!errand.isWanted()) {
                return notStarted(Claims.problem("its files were there too late; try again"));
            }
            expect(labelled, started);
            launchFiles.offer(vm, handed);
            return new StartOutcome.Started(started);
        });
    }

    /** From now on a VM that started itself is watched. */
    private void expect(VmStart.Labelled labelled, VmView started) {
        if (started.walls().isEmpty()) {
            LOG.warn("VM {}: its labels are written, and nothing enforces them", started.vm());
        }
        if (labelled.request().launch() == StartRequest.Launch.RUN
                && started.walls().contains(Wall.SELINUX)) {
            watch.expect(labelled.vm());
        }
    }

    /** The VM with the facts that its launcher needs. */
    private VmView view(VmStart.Labelled labelled, FileSet files) {
        VmRecord vm = labelled.vm();
        Plan plan = labelled.prepared().plan();
        Set<Wall> standing = confinement.of(labelled.request(), vm.contexts().process(), plan.passed());
        List<Problem> warnings = new ArrayList<>(files.warnings());
        warnings.addAll(confinement.warnings(labelled.request(), vm, plan, standing));
        List<Allowance> allowances = new ArrayList<>();
        if (vm.landlock()) {
            allowances.addAll(confinement.allowances(plan));
            labelled.request().guarding().ifPresent(guarding -> forSockets(guarding, allowances));
            labelled.handover()
                    .copies()
                    .values()
                    .forEach(copy -> allowances.add(new Allowance(copy, Allowance.Kind.READ, Optional.empty())));
        }
        return views.of(
                vm,
                standing,
                allowances,
                warnings,
                Optional.of(labelled.handover())
                        .filter(handover -> handover.isNeeded()
                                || labelled.request().guarding().isPresent())
                        .map(DescriptorHandover.Possible::rewritten));
    }

    /**
     * The guard makes the monitors' sockets; the launcher would remove them, for qemu to make its own. qemu may make
     * others beside them later ({@code nbd-server-start}): the right belongs to the directory.
     */
    private static void forSockets(StartRequest.Guarding guarding, List<Allowance> allowances) {
        allowances.removeIf(allowance ->
                allowance.allow() == Allowance.Kind.SOCKET && guarding.places().contains(allowance.path()));
        guarding.places().stream()
                .map(place -> place.jdkPath().resolveSibling(place.jdkPath().getFileName() + OTHER_SOCKET))
                .forEach(other ->
                        allowances.add(new Allowance(HostPath.of(other), Allowance.Kind.SOCKET, Optional.empty())));
    }

    private static StartOutcome notStarted(Problem problem) {
        return new StartOutcome.NotStarted(List.of(problem));
    }
}
