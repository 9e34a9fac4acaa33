package labeler.lifecycle.disk;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.lifecycle.hold.Claims;
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
import labeler.vm.qemu.handover.DescriptorSet;

/** One disk that joins a VM: recorded with the lock held, and labelled and looked at again under no lock. */
final class DiskJoin {
    private final Ledger ledger;
    private final FileAcquisition acquisition;
    private final Release release;

    /**
     * One disk's joining.
     *
     * @param acquisition of no other
     */
    DiskJoin(Ledger ledger, FileAcquisition acquisition, Release release) {
        this.ledger = ledger;
        this.acquisition = acquisition;
        this.release = release;
    }

    /**
     * With the lock held. Empty if the VM holds the files, and is in the hands of this thread; else why not.
     *
     * @param sets what is to be handed over
     */
    List<Problem> record(VmRecord vm, DiskRecord disk, FileSet files, Plan plan, List<DescriptorSet> sets) {
        List<Problem> problems = acquisition.collect(files, plan.files(), sets);
        if (!problems.isEmpty()) {
            return problems;
        }
        try {
            ledger.journal().recordJoin(vm.name(), disk, acquisition.holds(), acquisition.newFiles());
        } catch (JournalException e) {
            return List.of(failed(String.valueOf(e.getMessage())));
        }
        acquisition.newFiles().forEach(ledger.holdings()::put);
        ledger.holdings().put(vm.joinedBy(disk, acquisition.holds()));
        ledger.claims().take(vm.name(), Claims.Doing.CHANGING);
        return List.of();
    }

    /** Empty if the files are labelled; else why not, and everything is as before. The VM is free afterwards. */
    List<Problem> label(VmRecord vm, DiskRecord disk) {
        List<Problem> problems = new ArrayList<>();
        VmRecord joined = vm.joinedBy(disk, acquisition.holds());
        boolean held = false;
        try {
            problems.addAll(acquisition.label(joined));
            held = problems.isEmpty();
            return problems;
        } finally {
            try {
                if (!held) {
                    takeBack(joined, vm, disk, problems);
                }
            } finally {
                ledger.claims().free(vm.name());
            }
        }
    }

    private void takeBack(VmRecord joined, VmRecord before, DiskRecord disk, List<Problem> problems) {
        Release.Decision decision = ledger.lock().holding(() -> release.leave(joined, acquisition.holds(), before));
        try {
            acquisition.takeBack(decision.leaving(), problems);
        } finally {
            ledger.lock().lock();
            try {
                ledger.journal()
                        .recordLeave(before.name(), disk, ledger.holdings().givenBack(acquisition.holds()));
                ledger.holdings().put(before);
            } catch (JournalException e) {
                ledger.holdings().put(joined);
                problems.add(failed(e.getMessage() + "; then run labeler disk detach"));
            } finally {
                ledger.lock().unlock();
            }
        }
    }

    /** What has to be said of these files; a network disk is not one of them, and goes on no record. */
    static List<Problem> warnings(FileSet files) {
        List<Problem> warnings = new ArrayList<>(files.warnings());
        files.external()
                .forEach(external -> warnings.add(new Problem(
                        Problem.Kind.UNSUPPORTED,
                        Optional.empty(),
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

    private static Problem failed(String message) {
        return new Problem(Problem.Kind.JOURNAL_FAILED, Optional.empty(), message);
    }
}
