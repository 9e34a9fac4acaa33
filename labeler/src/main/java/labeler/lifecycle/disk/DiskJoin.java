package labeler.lifecycle.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.FileAcquisition;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.Release;
import labeler.linux.HostPath;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.ChainLayer;
import labeler.vm.ImageChain;

/**
 * One disk that joins a VM.
 *
 * @param vm as it was before
 */
record DiskJoin(Ledger ledger, Release release, VmRecord vm, DiskRecord disk) implements FileAcquisition.Taker {
    @Override
    public VmRecord record(List<FileHold> holds, List<FileRecord> newFiles) throws JournalException {
        ledger.journal().recordJoin(vm.name(), disk, holds, newFiles);
        return vm.joinedBy(disk, holds);
    }

    @Override
    public Release.Decision leave(VmRecord joined) {
        return release.leaving(joined, disk);
    }

    @Override
    public void end(VmRecord joined, List<Problem> problems) {
        release.end(joined, disk, "; then run labeler disk detach", problems);
    }

    /** What has to be said of these files; a network disk is not one of them, and goes on no record. */
    static List<Problem> warnings(FileSet files) {
        List<Problem> warnings = new ArrayList<>(files.warnings());
        files.external()
                .forEach(external -> warnings.add(Problem.of(
                        Problem.Kind.UNSUPPORTED,
                        external.reference() + " is reached over the network (" + external.protocol()
                                + "), and confined by nothing here")));
        return warnings;
    }

    /** A ruleset of Landlock cannot be widened: behind one, qemu gets every file as a descriptor. */
    static Predicate<HostPath> handed(VmRecord vm, FileSet files, Plan plan) {
        Set<HostPath> handed = plan.files().stream()
                .filter(file -> isHanded(file.treatment(), vm.landlock()))
                .map(PlannedFile::path)
                .collect(Collectors.toSet());
        if (vm.landlock()) {
            files.chains().stream()
                    .flatMap(ImageChain::layers)
                    .map(ChainLayer::path)
                    .map(name -> files.names().getOrDefault(name, name))
                    .forEach(handed::add);
        }
        return name -> handed.contains(files.names().getOrDefault(name, name));
    }

    private static boolean isHanded(Treatment treatment, boolean landlock) {
        return switch (treatment) {
            case PASS -> true;
            case LABEL -> landlock;
            case LEAVE, REFUSE -> false;
        };
    }
}
