package labeler.lifecycle.stop;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import labeler.apply.Reverter;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.leftover.EndedVm;
import labeler.leftover.Leftover;
import labeler.leftover.LeftoverRepair;
import labeler.leftover.RepairResult;
import labeler.leftover.Scan;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import labeler.work.Asker;
import labeler.work.FileSystemTask;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;

/** Labels that other programs left, judged by the records. Without the lock, on the threads of the file systems. */
public final class LibvirtCleanup {
    private final Holdings holdings;
    private final FileSetBuilder fileSets;
    private final LeftoverRepair aftermath;
    private final Scan scan;
    private final FileSystemWork work;
    private final OtherHosts others;

    @Inject
    LibvirtCleanup(
            Holdings holdings,
            FileSetBuilder fileSets,
            LeftoverRepair aftermath,
            Scan scan,
            FileSystemWork work,
            OtherHosts others) {
        this.others = others;
        this.holdings = holdings;
        this.fileSets = fileSets;
        this.aftermath = aftermath;
        this.scan = scan;
        this.work = work;
    }

    /**
     * The result.
     *
     * @param problems the reasons why nothing was done
     */
    public record Left(List<FileReport> files, List<Problem> problems) {}

    /**
     * Looks after the traces of the VM's manager. Runs with the claim of a VM whose process is gone, before the VM goes
     * off the record. It does not treat our own labels.
     *
     * @param last the VM as its manager knew it at the end; empty if the manager labels nothing
     */
    public Left lookAfter(VmRecord vm, Optional<VmDefinition> last) {
        if (last.isEmpty()) {
            return new Left(List.of(), List.of());
        }
        Optional<Problem> tooLarge = last.get().problems().stream()
                .filter(problem -> problem.kind() == Problem.Kind.TOO_MANY)
                .findFirst();
        if (tooLarge.isPresent()) {
            return new Left(
                    List.of(),
                    List.of(notLooked(Problem.Kind.TOO_MANY, tooLarge.get().message(), "")));
        }
        return work.run(FileSetBuilder.named(last.get()), errand -> lookAfter(ended(vm), last.get(), errand), _ -> {})
                .or(place -> new Left(
                        List.of(),
                        List.of(notLooked(Problem.Kind.NOT_ANSWERING, place.doesNotAnswer(), "when it answers, "))));
    }

    private Left lookAfter(EndedVm vm, VmDefinition last, FileSystemTask errand) {
        FileSet files = fileSets.build(last);
        errand.afterwards(files::close);
        // Nobody waits for a late task: the VM goes off the record.
        List<RepairResult> mended = aftermath.of(
                vm, files, names(last), new LeftoverRepair.OnRecord(holdings, () -> !errand.isLate(), others::mayNeed));
        return new Left(mended.stream().map(LibvirtCleanup::report).toList(), List.of());
    }

    /**
     * The result of a look at recorded files.
     *
     * @param seen numbers of files that were seen without the VM's pair
     * @param files labels that were mended, and those that could not be
     */
    record Looked(Set<Long> seen, List<FileReport> files) {
        Looked {
            seen = Set.copyOf(seen);
            files = List.copyOf(files);
        }

        /** The end's report with what it does not know better: it looks at the files after this. */
        VmReport joining(VmReport end) {
            Set<HostPath> known = end.files().stream()
                    .filter(file -> file.outcome() == FileReport.Outcome.REVERTED
                            || file.outcome() == FileReport.Outcome.FAILED)
                    .map(FileReport::path)
                    .collect(Collectors.toSet());
            return end.joinedBy(files.stream()
                    .filter(file -> !known.contains(file.path()))
                    .distinct()
                    .toList());
        }
    }

    /**
     * Looks at the VM's recorded files before it leaves them, at every end. What was labelled for the VM alone gets the label
     * that the files' other holders need, here or on other hosts: that is the last moment at which this VM holds them as well.
     * The labels of sole holders go back later. Runs with the claim of the VM.
     */
    Looked lookAtRecorded(VmRecord vm) {
        EndedVm ended = ended(vm);
        boolean isWhole = vm.startedBy().labels() || !others.isAlone();
        List<FileRecord> looked = ended.files().stream()
                .filter(file -> isWhole || holdings.holders(file.id()).size() > 1)
                .toList();
        Set<Long> seen = new HashSet<>();
        List<FileReport> mended = new ArrayList<>();
        work.each(looked, FileRecord::realPath, WhenLate.END, (file, asker) -> look(vm, ended, file, asker))
                .forEach((file, outcome) -> {
                    if (outcome instanceof FileSystemWork.Done<Look>(Look(boolean isSeen, List<FileReport> reports))) {
                        mended.addAll(reports);
                        if (isSeen) {
                            seen.add(file.id());
                        }
                    }
                });
        return new Looked(seen, mended);
    }

    /**
     * One recorded file.
     *
     * @param isSeen whether it has been seen without the VM's pair. A label that had it may be back after a power cut
     */
    private record Look(boolean isSeen, List<FileReport> reports) {}

    private Look look(VmRecord vm, EndedVm ended, FileRecord record, Asker asker) {
        return switch (aftermath.reverter().find(record)) {
            case Reverter.Gone _ -> new Look(true, List.of());
            case Reverter.NotFound _, Reverter.Failed _ -> new Look(false, List.of());
            case Reverter.Same(OpenedFile file) -> {
                try (file) {
                    boolean isOwn = aftermath.hasPairOf(ended, file);
                    // On a file that was given back in this boot, a label without a pair is the next user's.
                    boolean isManagers =
                            vm.startedBy().labels() && !record.givenBackIn().equals(Optional.of(holdings.bootId()));
                    yield new Look(!isOwn, isOwn || isManagers ? mended(ended, record, file, asker) : List.of());
                } catch (LinuxException e) {
                    yield new Look(false, List.of());
                }
            }
        };
    }

    private List<FileReport> mended(EndedVm ended, FileRecord record, OpenedFile file, Asker asker) {
        LeftoverRepair.OnRecord present =
                new LeftoverRepair.OnRecord(holdings, () -> !asker.hasGone(), others::mayNeed);
        return aftermath.untold(ended, record, file, present).stream()
                .map(LibvirtCleanup::report)
                .map(report -> report.path().equals(file.path())
                        ? new FileReport(record.path(), report.outcome(), report.message())
                        : report)
                .toList();
    }

    private static Problem notLooked(Problem.Kind kind, String why, String when) {
        return Problem.of(
                kind,
                why + "; what libvirt left on the VM's files was not looked for: " + when
                        + "run labeler recover --scan on their directories");
    }

    /**
     * Searches part of a directory.
     *
     * @param mended hears of each file that gets another label, at once and on a thread of the file systems
     */
    public ScanOutcome scan(ScanRequest request, Consumer<Leftover> mended) {
        return work.run(List.of(request.directory()), errand -> scan.scan(request, asker(mended, errand)), _ -> {})
                .or(place -> new ScanOutcome.NotScanned(place.doesNotAnswer() + "; see to it, and try again"
                        + (request.apply() ? "; what was mended before that is in the service's log" : "")));
    }

    private static Scan.Asker asker(Consumer<Leftover> mended, FileSystemTask errand) {
        return new Scan.Asker() {
            @Override
            public void hears(Leftover file) {
                mended.accept(file);
            }

            @Override
            public boolean hasGone() {
                return errand.isLate();
            }
        };
    }

    private EndedVm ended(VmRecord vm) {
        List<FileRecord> files = Holdings.fileIds(vm.files()).stream()
                .flatMap(id -> holdings.file(id).stream())
                .filter(FileRecord::isLabelled)
                .toList();
        Set<HostPath> left = vm.files().stream()
                .filter(hold -> hold.treatment() == Treatment.LEAVE)
                .map(FileHold::path)
                .collect(Collectors.toSet());
        return new EndedVm(vm.name(), vm.contexts().level(), files, left);
    }

    private static FileReport report(RepairResult file) {
        return new FileReport(
                file.path(), file.done() ? FileReport.Outcome.REVERTED : FileReport.Outcome.FAILED, file.message());
    }

    /** The file names in a definition, without those from headers. */
    private static Set<HostPath> names(VmDefinition definition) {
        Set<HostPath> names = new HashSet<>();
        for (DeclaredUse use : definition.uses()) {
            if (use instanceof DeclaredUse.ImageUse image) {
                names(Optional.of(image.image()), names);
            } else if (!(use instanceof DeclaredUse.MadeByQemu)) {
                names.addAll(use.names());
            }
        }
        return names;
    }

    private static void names(Optional<ImageRequest> top, Set<HostPath> names) {
        Optional<ImageRequest> image = top;
        while (image.isPresent()) {
            name(image.get().name()).ifPresent(names::add);
            switch (image.get().dataFile()) {
                case ImageRequest.DeclaredDataFile declared ->
                    name(declared.name()).ifPresent(names::add);
                case ImageRequest.HeaderDataFile _ -> {}
            }
            image = switch (image.get().backing()) {
                case ImageRequest.DeclaredBacking(ImageRequest below) -> Optional.of(below);
                // A name that somebody has read in a header counts as the header's.
                case ImageRequest.HeaderBacking _,
                        ImageRequest.ProbedBacking _,
                        ImageRequest.NoBacking _,
                        ImageRequest.ExternalBacking _ -> Optional.empty();
            };
        }
    }

    private static Optional<HostPath> name(FileName name) {
        return HostPath.parse(name.bytes());
    }
}
