package labeler.lifecycle.disk;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.DiskRecord;
import labeler.journal.VmRecord;
import labeler.launch.HandedDescriptor;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.acquisition.HeldImages;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.Ledger;
import labeler.linux.ShellWord;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.work.FileSystemWork;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Disks that join a running VM and leave it. Files are labelled before qemu is told of them, and given back when qemu
 * has released them. No lock is held while talking to qemu, which may hang.
 */
public final class DiskHotplug {
    private static final Logger LOG = LoggerFactory.getLogger(DiskHotplug.class);

    private final Ledger ledger;
    private final DiskAttach diskAttach;
    private final DiskFiles diskFiles;
    private final MonitorAccess monitor;
    private final FileSetBuilder fileSets;
    private final HeldImages images;
    private final FileSystemWork work;

    @Inject
    DiskHotplug(
            Ledger ledger,
            DiskAttach diskAttach,
            DiskFiles diskFiles,
            MonitorAccess monitor,
            FileSetBuilder fileSets,
            HeldImages images,
            FileSystemWork work) {
        this.ledger = ledger;
        this.diskAttach = diskAttach;
        this.diskFiles = diskFiles;
        this.monitor = monitor;
        this.fileSets = fileSets;
        this.images = images;
        this.work = work;
    }

    /** Runs without the lock; the VM existed a moment ago. */
    public AttachOutcome attach(AttachRequest request) {
        VmDefinition definition = request.disk().definition();
        DiskAttach.Step step = work.run(
                        FileSetBuilder.named(definition),
                        errand -> {
                            FileSet files = fileSets.buildJoining(definition);
                            errand.afterwards(files::close);
                            return diskAttach.attach(request, files, errand);
                        },
                        _ -> {})
                .or(place -> new DiskAttach.Over(List.of(Claims.problem(place))));
        return attach(request, step);
    }

    private static AttachOutcome notAttached(Problem problem) {
        return new AttachOutcome.NotAttached(List.of(problem));
    }

    private AttachOutcome attach(AttachRequest request, DiskAttach.Step step) {
        return switch (step) {
            case DiskAttach.Over(List<Problem> problems) -> new AttachOutcome.NotAttached(problems);
            case DiskAttach.Joined joined -> {
                try {
                    AttachOutcome outcome = told(joined, plug(request, joined));
                    if (outcome instanceof AttachOutcome.NotAttached) {
                        images.notAttached(request.name(), request.disk().name(), joined.vm());
                    }
                    yield outcome;
                } finally {
                    joined.descriptors().forEach(HandedDescriptor::close);
                    monitor.finish(request.name());
                }
            }
        };
    }

    private AttachOutcome told(DiskAttach.Joined joined, DiskMonitorDialogue.Outcome outcome) {
        return switch (outcome) {
            case DiskMonitorDialogue.Done() -> stillThere(joined);
            case DiskMonitorDialogue.Refused(String message) -> {
                List<Problem> problems = new ArrayList<>(List.of(Problem.of(Problem.Kind.LABEL_NOT_SET, message)));
                problems.addAll(diskFiles.giveBack(joined.vm(), joined.disk()));
                LOG.info(
                        "VM {}: disk {} did not join",
                        joined.vm().name(),
                        joined.disk().name());
                yield new AttachOutcome.NotAttached(problems);
            }
            case DiskMonitorDialogue.Unknown(String message) ->
                notAttached(Problem.of(
                        Problem.Kind.LABEL_NOT_SET,
                        message + "; what qemu has of the disk is not known, so that its files stay with the VM until"
                                + " labeler disk detach "
                                + ShellWord.last(
                                        joined.vm().name().value(),
                                        joined.disk().name()) + ", or its end"));
        };
    }

    private DiskMonitorDialogue.Outcome plug(AttachRequest request, DiskAttach.Joined joined) {
        return monitor.speak(
                joined.vm(),
                joined.disk(),
                joined.disk().monitor(),
                dialogue -> dialogue.plug(joined.blockdevs(), request.disk().device(), joined.descriptors()));
    }

    /**
     * The VM may have been stopped, or have ended, in between. Then its files were given back with all the others. What its
     * guard has settled meanwhile is no end.
     */
    private AttachOutcome stillThere(DiskAttach.Joined joined) {
        return diskFiles
                .joined(joined.vm().name(), joined.disk())
                .<AttachOutcome>map(vm -> new AttachOutcome.Attached(
                        diskFiles.view(vm, joined.warnings()), joined.disk().name()))
                .orElseGet(() -> new AttachOutcome.NotAttached(List.of(Problem.of(
                        Problem.Kind.PROCESS_ENDED, "the VM was stopped, or its process ended, in the meantime"))));
    }

    /** The start of a detach. */
    private sealed interface Found {}

    private record NotFound(Problem problem) implements Found {}

    private record DetachTarget(VmRecord vm, DiskRecord disk) implements Found {}

    /** Runs without the lock; the VM existed a moment ago. Then reports the present headers of the disk. */
    public DetachOutcome detach(DetachRequest request) {
        return images.detach(request, () -> detached(request));
    }

    private DetachOutcome detached(DetachRequest request) {
        return switch (ledger.lock().holding(() -> leaving(request))) {
            case NotFound(Problem problem) -> new DetachOutcome.NotDetached(List.of(problem));
            case DetachTarget leaving -> {
                try {
                    yield detach(request, leaving);
                } finally {
                    monitor.finish(request.name());
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
            return new NotFound(Problem.of(
                    Problem.Kind.MISSING,
                    "no disk of that name has joined VM " + request.name() + "; those that have: "
                            + (all.isEmpty() ? "none" : all)));
        }
        Optional<Problem> unspeakable = monitor.obstacle(vm.get());
        if (unspeakable.isPresent()) {
            return new NotFound(unspeakable.get());
        }
        monitor.begin(request.name());
        return new DetachTarget(vm.get(), disk.get());
    }

    private DetachOutcome detach(DetachRequest request, DetachTarget leaving) {
        // A guest may take its time.
        return switch (work.resting(() -> unplug(request, leaving))) {
            case DiskMonitorDialogue.Done() -> left(leaving);
            case DiskMonitorDialogue.Refused(String message) -> kept(message);
            case DiskMonitorDialogue.Unknown(String message) -> kept(message + "; detach it again");
        };
    }

    private DiskMonitorDialogue.Outcome unplug(DetachRequest request, DetachTarget leaving) {
        DiskMonitorDialogue.Outcome outcome = monitor.speak(
                leaving.vm(),
                leaving.disk(),
                request.monitor().orElse(leaving.disk().monitor()),
                dialogue -> dialogue.unplug(leaving.disk()));
        if (outcome instanceof DiskMonitorDialogue.Done) {
            monitor.awaitSettled(leaving.vm().name());
        }
        return outcome;
    }

    private static DetachOutcome kept(String message) {
        return new DetachOutcome.NotDetached(List.of(Problem.of(Problem.Kind.LABEL_NOT_SET, message)));
    }

    private DetachOutcome left(DetachTarget leaving) {
        return diskFiles.leave(
                leaving.vm(),
                leaving.disk(),
                DetachOutcome.Detached::new,
                () -> kept("the VM has ended in the meantime, and its files are given back"),
                problem -> new DetachOutcome.NotDetached(List.of(problem)));
    }
}
