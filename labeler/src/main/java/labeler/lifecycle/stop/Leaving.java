package labeler.lifecycle.stop;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.chain.FileName;
import labeler.chain.ImageRequest;
import labeler.fileset.FileSet;
import labeler.fileset.FileSetBuilder;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.leftover.Aftermath;
import labeler.leftover.EndedVm;
import labeler.leftover.Leftovers;
import labeler.leftover.Mended;
import labeler.leftover.Scan;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.hold.LocalRegistry;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import labeler.work.Errand;
import labeler.work.FileSystemWork;
import labeler.work.Place;

/** What others left on the disk, judged by what is on record. Under no lock, on the threads of the file systems. */
public final class Leaving {
    private final LocalRegistry holdings;
    private final FileSetBuilder fileSets;
    private final Aftermath aftermath;
    private final Scan scan;
    private final FileSystemWork work;

    /** What is asked, beside the record. */
    public record Host(Leftovers leftovers, Linux linux, Labels labels, Reverter reverter, ProcessContexts processes) {}

    public Leaving(LocalRegistry holdings, FileSetBuilder fileSets, FileSystemWork work, Host host) {
        this.holdings = holdings;
        this.fileSets = fileSets;
        this.aftermath = host.leftovers().aftermath(host.linux(), host.labels(), host.reverter());
        this.work = work;
        this.scan = host.leftovers().scan(host.linux(), host.labels(), host.processes(), holdings::pairs, holdings);
    }

    /**
     * What came of it.
     *
     * @param problems why nothing did
     */
    public record Left(List<FileReport> files, List<Problem> problems) {}

    /**
     * With the claim of a VM whose process is gone, before it goes off the record; what its manager set and left. Labels of
     * ours are not looked after here.
     *
     * @param last as its manager knew it at the end; empty where that labels nothing
     */
    public Left lookAfter(VmRecord vm, Optional<VmDefinition> last) {
        if (last.isEmpty()) {
            return new Left(List.of(), List.of());
        }
        FileSystemWork.Outcome<List<FileReport>> outcome =
                work.run(FileSetBuilder.named(last.get()), errand -> lookAfter(ended(vm), last.get(), errand), _ -> {});
        return switch (outcome) {
            case FileSystemWork.Done<List<FileReport>>(List<FileReport> reports) -> new Left(reports, List.of());
            case FileSystemWork.Late<List<FileReport>>(Place place) -> new Left(List.of(), List.of(notLooked(place)));
            case FileSystemWork.NotBegun<List<FileReport>>(Place place) ->
                new Left(List.of(), List.of(notLooked(place)));
        };
    }

    private List<FileReport> lookAfter(EndedVm vm, VmDefinition last, Errand errand) {
        FileSet files = fileSets.build(last);
        errand.afterwards(files::close);
        // Nobody waits for an errand that is late: the VM goes off the record.
        return aftermath.of(vm, files, names(last), new Aftermath.OnRecord(holdings, () -> !errand.isLate())).stream()
                .map(Leaving::report)
                .toList();
    }

    private static Problem notLooked(Place place) {
        return new Problem(
                Problem.Kind.NOT_ANSWERING,
                Optional.empty(),
                place.doesNotAnswer() + "; what libvirt left on the VM's files was not looked for: when it answers, run"
                        + " labeler recover --scan on their directories");
    }

    public ScanOutcome scan(ScanRequest request) {
        FileSystemWork.Outcome<ScanOutcome> outcome =
                work.run(List.of(request.directory()), _ -> scan.scan(request), _ -> {});
        return switch (outcome) {
            case FileSystemWork.Done<ScanOutcome>(ScanOutcome done) -> done;
            case FileSystemWork.Late<ScanOutcome>(Place place) -> notScanned(place);
            case FileSystemWork.NotBegun<ScanOutcome>(Place place) -> notScanned(place);
        };
    }

    private static ScanOutcome notScanned(Place place) {
        return new ScanOutcome.NotScanned(place.doesNotAnswer() + "; see to it, and try again");
    }

    private EndedVm ended(VmRecord vm) {
        List<FileRecord> files = LocalRegistry.fileIds(vm.files()).stream()
                .flatMap(id -> holdings.file(id).stream())
                .filter(FileRecord::isLabelled)
                .toList();
        return new EndedVm(vm.name(), vm.contexts().level(), files);
    }

    private static FileReport report(Mended file) {
        return new FileReport(
                file.path(), file.done() ? FileReport.Outcome.REVERTED : FileReport.Outcome.FAILED, file.message());
    }

    /** The names of files that a definition has, without those that headers have. */
    private static Set<HostPath> names(VmDefinition definition) {
        Set<HostPath> names = new HashSet<>();
        for (DeclaredUse use : definition.uses()) {
            switch (use) {
                case DeclaredUse.ImageUse image -> names(Optional.of(image.image()), names);
                case DeclaredUse.FileUse file -> names.add(file.path());
                case DeclaredUse.SearchedUse searched -> names.addAll(searched.candidates());
                case DeclaredUse.MadeByQemu _ -> {}
            }
        }
        return names;
    }

    private static void names(Optional<ImageRequest> top, Set<HostPath> names) {
        Optional<ImageRequest> image = top;
        while (image.isPresent()) {
            name(image.get().name()).ifPresent(names::add);
            switch (image.get().dataFile()) {
                case ImageRequest.DeclaredDataFile(FileName name) -> name(name).ifPresent(names::add);
                case ImageRequest.HeaderDataFile _ -> {}
            }
            image = switch (image.get().backing()) {
                case ImageRequest.DeclaredBacking(ImageRequest below) -> Optional.of(below);
                // What somebody has read in a header is a header's word.
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
