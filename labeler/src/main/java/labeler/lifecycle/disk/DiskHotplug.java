package labeler.lifecycle.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.HeldImages;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.lifecycle.hold.VmProcesses;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;
import labeler.work.Place;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks that join a running VM and leave it. Files are labelled before qemu is told of them, and given back when qemu has
 * let go of them. With qemu it is spoken under no lock: it may hang.
 */
public final class DiskHotplug {
    private static final Logger LOG = LoggerFactory.getLogger(DiskHotplug.class);

    private final Ledger ledger;
    private final DiskAttach diskAttach;
    private final MonitorAccess speaking;
    private final FileSetBuilder fileSets;
    private final VmProcesses processes;
    private final Release release;
    private final Monitors monitors;
    private final HeldImages images;
    private final FileSystemWork work;

    public DiskHotplug(
            Ledger ledger,
            DiskAttach diskAttach,
            MonitorAccess speaking,
            FileSetBuilder fileSets,
            VmProcesses processes,
            Release release,
            Monitors monitors,
            HeldImages images,
            FileSystemWork work) {
        this.ledger = ledger;
        this.diskAttach = diskAttach;
        this.speaking = speaking;
        this.fileSets = fileSets;
        this.processes = processes;
        this.release = release;
        this.monitors = monitors;
        this.images = images;
        this.work = work;
    }

    /** What came of it: the VM as it is with the disk, or why it has none. */
    public sealed interface Outcome {}

    public record Attached(VmRecord vm, List<Problem> warnings) implements Outcome {}

    public record NotAttached(List<Problem> problems) implements Outcome {}

    /** With no lock held; the VM was there a moment ago. */
    public Outcome attach(AttachRequest request) {
        VmDefinition definition = request.disk().definition();
        FileSystemWork.Outcome<DiskAttach.Step> outcome = work.run(
                FileSetBuilder.named(definition),
                errand -> {
                    FileSet files = fileSets.build(definition);
                    errand.afterwards(files::close);
                    return diskAttach.attach(request, files, errand);
                },
                _ -> {});
        return switch (outcome) {
            case FileSystemWork.Late<DiskAttach.Step>(Place place) -> notAttached(Claims.problem(place));
            case FileSystemWork.NotBegun<DiskAttach.Step>(Place place) -> notAttached(Claims.problem(place));
            case FileSystemWork.Done<DiskAttach.Step>(DiskAttach.Step step) -> attach(request, step);
        };
    }

    private static Outcome notAttached(Problem problem) {
        return new NotAttached(List.of(problem));
    }

    private Outcome attach(AttachRequest request, DiskAttach.Step step) {
        return switch (step) {
            case DiskAttach.Over(List<Problem> problems) -> new NotAttached(problems);
            case DiskAttach.TakenBack(List<Problem> problems) -> new NotAttached(problems);
            case DiskAttach.Joined joined -> {
                try {
                    Outcome outcome = told(joined, plug(request, joined));
                    if (outcome instanceof NotAttached) {
                        images.notAttached(request, joined.vm());
                    }
                    yield outcome;
                } finally {
                    joined.descriptors().forEach(HandedDescriptor::close);
                    finished(request.name());
                }
            }
        };
    }

    private Outcome told(DiskAttach.Joined joined, DiskMonitorDialogue.Outcome outcome) {
        return switch (outcome) {
            case DiskMonitorDialogue.Done() -> stillThere(joined);
            case DiskMonitorDialogue.Refused(String message) -> {
                List<Problem> problems = new ArrayList<>(List.of(problem(Problem.Kind.LABEL_NOT_SET, message)));
                problems.addAll(diskAttach.givenBack(joined.vm(), joined.disk()));
                LOG.info(
                        "VM {}: disk {} did not join",
                        joined.vm().name(),
                        joined.disk().name());
                yield new NotAttached(problems);
            }
            case DiskMonitorDialogue.Unknown(String message) ->
                notAttached(problem(
                        Problem.Kind.LABEL_NOT_SET,
                        message + "; what qemu has of the disk is not known, so that its files stay with the VM until"
                                + " labeler disk detach " + joined.vm().name() + " "
                                + joined.disk().name() + ", or its end"));
        };
    }

    private DiskMonitorDialogue.Outcome plug(AttachRequest request, DiskAttach.Joined joined) {
        VmRecord vm = joined.vm();
        return switch (monitors.open(
                joined.disk().monitor(), pid(vm), vm.contexts().level())) {
            case Monitors.NotOpen(String message) -> new DiskMonitorDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    // Its number could have been another's by the time of the connection.
                    yield processes.isAlive(vm)
                            ? new DiskMonitorDialogue(monitor, joined.disk().name())
                                    .plug(joined.blockdevs(), request.disk().device(), joined.descriptors())
                            : new DiskMonitorDialogue.Refused("the VM's process has ended");
                }
            }
        };
    }

    private static Pid pid(VmRecord vm) {
        return vm.process().map(ProcessIdentity::pid).orElseThrow();
    }

    /** The VM may have been stopped, or have ended, in between; then its files went the way of all the others. */
    private Outcome stillThere(DiskAttach.Joined joined) {
        return ledger.holdings()
                .vm(joined.vm().name())
                .filter(vm -> vm.equals(joined.vm()))
                .<Outcome>map(vm -> new Attached(vm, joined.warnings()))
                .orElseGet(() -> new NotAttached(List.of(problem(
                        Problem.Kind.PROCESS_ENDED, "the VM was stopped, or its process ended, in the meantime"))));
    }

    private void finished(VmName name) {
        ledger.lock().lock();
        try {
            speaking.end(name);
        } finally {
            ledger.lock().unlock();
        }
    }

    /** What a detach begins with. */
    private sealed interface Found {}

    private record NotFound(Problem problem) implements Found {}

    private record Leaving(VmRecord vm, DiskRecord disk) implements Found {}

    /** With no lock held; the VM was there a moment ago. */
    public DetachOutcome detach(DetachRequest request) {
        return switch (ledger.lock().holding(() -> leaving(request))) {
            case NotFound(Problem problem) -> new DetachOutcome.NotDetached(List.of(problem));
            case Leaving leaving -> {
                try {
                    yield detach(request, leaving);
                } finally {
                    finished(request.name());
                }
            }
        };
    }

    private Found leaving(DetachRequest request) {
        Optional<VmRecord> vm = ledger.holdings().vm(request.name());
        Optional<DiskRecord> disk = vm.flatMap(held -> held.disk(request.disk()));
        if (vm.isEmpty() || disk.isEmpty()) {
            String all = vm.stream()
                    .flatMap(held -> held.disks().stream())
                    .map(DiskRecord::name)
                    .collect(Collectors.joining(", "));
            return new NotFound(problem(
                    Problem.Kind.MISSING,
                    "no disk of that name has joined VM " + request.name() + "; those that have: "
                            + (all.isEmpty() ? "none" : all)));
        }
        Optional<Problem> unspeakable = speaking.obstacle(vm.get());
        if (unspeakable.isPresent()) {
            return new NotFound(unspeakable.get());
        }
        speaking.begin(request.name());
        return new Leaving(vm.get(), disk.get());
    }

    private DetachOutcome detach(DetachRequest request, Leaving leaving) {
        DiskMonitorDialogue.Outcome outcome = switch (monitors.open(
                request.monitor().orElse(leaving.disk().monitor()),
                pid(leaving.vm()),
                leaving.vm().contexts().level())) {
            case Monitors.NotOpen(String message) -> new DiskMonitorDialogue.Refused(message);
            case Monitors.Open(var monitor) -> {
                try (monitor) {
                    yield processes.isAlive(leaving.vm())
                            ? new DiskMonitorDialogue(monitor, leaving.disk().name()).unplug(leaving.disk())
                            : new DiskMonitorDialogue.Refused("the VM's process has ended");
                }
            }
        };
        return switch (outcome) {
            case DiskMonitorDialogue.Done() -> left(leaving);
            case DiskMonitorDialogue.Refused(String message) -> kept(message);
            case DiskMonitorDialogue.Unknown(String message) -> kept(message + "; detach it again");
        };
    }

    private static DetachOutcome kept(String message) {
        return new DetachOutcome.NotDetached(List.of(problem(Problem.Kind.LABEL_NOT_SET, message)));
    }

    private DetachOutcome left(Leaving leaving) {
        return ledger.claims()
                .having(
                        leaving.vm().name(),
                        Claims.Doing.CHANGING,
                        () -> ledger.holdings()
                                .vm(leaving.vm().name())
                                .filter(vm -> vm.disk(leaving.disk().name()).equals(Optional.of(leaving.disk())))
                                .<DetachOutcome>map(vm -> new DetachOutcome.Detached(release.leave(vm, leaving.disk())))
                                .orElseGet(
                                        () -> kept("the VM has ended in the meantime, and its files are given back")),
                        problem -> new DetachOutcome.NotDetached(List.of(problem)));
    }

    private static Problem problem(Problem.Kind kind, String message) {
        return new Problem(kind, Optional.empty(), message);
    }
}
