package labeler.lifecycle;

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
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.mcs.ProcessContexts;
import labeler.plan.HeldFiles;
import labeler.vm.DeclaredUse;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** What others left on the disk, judged by what is on record. The lock is held for looks into memory only. */
final class Leaving {
    private final HostLock lock;
    private final Holdings holdings;
    private final FileSetBuilder fileSets;
    private final Aftermath aftermath;
    private final Scan scan;
    private final HeldFiles held;

    /** What is asked, beside the record. */
    record Host(Leftovers leftovers, Linux linux, Labels labels, Reverter reverter, ProcessContexts processes) {}

    Leaving(HostLock lock, Holdings holdings, FileSetBuilder fileSets, Host host) {
        this.lock = lock;
        this.holdings = holdings;
        this.fileSets = fileSets;
        this.aftermath = host.leftovers().aftermath(host.linux(), host.labels(), host.reverter());
        this.held = identity -> lock.holding(() -> holdings.find(identity));
        this.scan = host.leftovers()
                .scan(
                        host.linux(),
                        host.labels(),
                        host.processes(),
                        () -> lock.holding(() -> Set.copyOf(holdings.pairs())),
                        held);
    }

    /**
     * Before a VM whose process is gone goes off the record; what its manager set and left. Labels of ours are not looked
     * after here.
     *
     * @param last as its manager knew it at the end; empty where that labels nothing
     */
    List<FileReport> lookAfter(VmName name, Optional<VmDefinition> last) {
        Optional<EndedVm> vm = lock.holding(() -> holdings.vm(name).map(this::ended));
        if (vm.isEmpty() || last.isEmpty()) {
            return List.of();
        }
        try (FileSet files = fileSets.build(last.get())) {
            return aftermath.of(vm.get(), files, names(last.get()), held).stream()
                    .map(Leaving::report)
                    .toList();
        }
    }

    ScanOutcome scan(ScanRequest request) {
        return scan.scan(request);
    }

    private EndedVm ended(VmRecord vm) {
        List<FileRecord> files = Holdings.fileIds(vm.files()).stream()
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
