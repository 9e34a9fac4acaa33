package labeler.lifecycle;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import labeler.fileset.FileSet;
import labeler.journal.DiskRecord;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.VmRecord;
import labeler.linux.HostPath;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.qemu.ChainLayer;
import labeler.vm.qemu.DescriptorSet;

/** One disk that joins a VM: recorded, labelled, looked at again. Its caller has the lock. */
final class Joining {
    private final Holdings holdings;
    private final Journal journal;
    private final Taking taking;

    /**
     * One disk's joining.
     *
     * @param taking of no other
     */
    Joining(Holdings holdings, Journal journal, Taking taking) {
        this.holdings = holdings;
        this.journal = journal;
        this.taking = taking;
    }

    /**
     * Empty if the VM holds its files, and they are labelled; else why not, and everything is as before.
     *
     * @param sets what is to be handed over
     */
    List<Problem> run(
            VmRecord vm,
            DiskRecord disk,
            FileSet files,
            Plan plan,
            List<DescriptorSet> sets,
            StartRequest.Owner owner) {
        List<Problem> problems = taking.collect(owner, files, plan.files(), sets);
        try {
            if (!problems.isEmpty()) {
                taking.removeCreated(problems);
                return problems;
            }
            return recordAndLabel(vm, disk);
        } finally {
            taking.closeCreated();
        }
    }

    private List<Problem> recordAndLabel(VmRecord vm, DiskRecord disk) {
        List<Problem> problems = new ArrayList<>();
        VmRecord joined = vm.joinedBy(disk, taking.holds());
        try {
            journal.recordJoin(vm.name(), disk, taking.holds(), taking.newFiles());
        } catch (JournalException e) {
            problems.add(failed(String.valueOf(e.getMessage())));
            taking.removeCreated(problems);
            return problems;
        }
        taking.newFiles().forEach(holdings::put);
        holdings.put(joined);
        boolean held = false;
        try {
            problems.addAll(taking.label(joined));
            held = problems.isEmpty();
            return problems;
        } finally {
            if (!held) {
                takeBack(vm, disk, problems);
            }
        }
    }

    private void takeBack(VmRecord vm, DiskRecord disk, List<Problem> problems) {
        try {
            taking.takeBack(problems);
        } finally {
            try {
                journal.recordLeave(vm.name(), disk, holdings.givenBack(taking.holds()));
                holdings.put(vm);
            } catch (JournalException e) {
                problems.add(failed(e.getMessage() + "; then run labeler disk detach"));
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
                .map(PlannedFile::facts)
                .map(facts -> facts.path())
                .collect(Collectors.toSet());
        if (vm.landlock()) {
            files.chains().stream()
                    .flatMap(chain -> chain.layers().stream())
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
