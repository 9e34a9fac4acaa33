package labeler.lifecycle;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;

/** Compares what a held VM's files should have with what they have, and sets it again. Its caller has the lock. */
final class Inspection {
    private final Holdings holdings;
    private final Reverter reverter;
    private final Labels labels;
    private final ProcessContexts contexts;
    private final KernelCheck kernel;

    Inspection(Holdings holdings, Reverter reverter, Labels labels, ProcessContexts contexts, KernelCheck kernel) {
        this.holdings = holdings;
        this.reverter = reverter;
        this.labels = labels;
        this.contexts = contexts;
        this.kernel = kernel;
    }

    private enum Mode {
        VERIFY,
        DRY_RUN,
        RELABEL
    }

    VmReport verify(VmRecord vm) {
        List<KernelCheck.Target> targets = new ArrayList<>();
        List<FileReport> reports = inspect(vm, Mode.VERIFY, targets);
        List<Problem> problems = new ArrayList<>(processProblems(vm));
        problems.addAll(kernel.ownFiles(vm.contexts().process(), targets));
        problems.addAll(kernel.others(vm, holdings.vms()));
        problems.addAll(kernel.openable(vm.contexts().process(), holdings.passed(vm)));
        return new VmReport(vm.name(), reports, problems, Optional.empty());
    }

    VmReport relabel(VmRecord vm, boolean dryRun) {
        return new VmReport(
                vm.name(),
                inspect(vm, dryRun ? Mode.DRY_RUN : Mode.RELABEL, new ArrayList<>()),
                List.of(),
                Optional.empty());
    }

    private List<FileReport> inspect(VmRecord vm, Mode mode, List<KernelCheck.Target> targets) {
        List<FileReport> reports = new ArrayList<>();
        Set<Long> seen = new HashSet<>();
        for (FileHold hold : vm.files()) {
            OptionalLong id = hold.file();
            if (id.isPresent() && seen.add(id.getAsLong())) {
                holdings.file(id.getAsLong())
                        .filter(FileRecord::isLabelled)
                        .ifPresent(file -> reports.add(inspect(file, mode, targets)));
            }
        }
        return reports;
    }

    private FileReport inspect(FileRecord record, Mode mode, List<KernelCheck.Target> targets) {
        return switch (reverter.find(record)) {
            case Reverter.Gone(String detail) -> new FileReport(record.path(), FileReport.Outcome.MISSING, detail);
            case Reverter.NotFound(String detail) -> new FileReport(record.path(), FileReport.Outcome.LOST, detail);
            case Reverter.Unreachable(String message) ->
                new FileReport(record.path(), FileReport.Outcome.FAILED, message);
            case Reverter.Same(OpenedFile file) -> {
                try (file) {
                    target(record, file).ifPresent(targets::add);
                    yield inspect(record, file, mode);
                } catch (LinuxException e) {
                    yield new FileReport(record.path(), FileReport.Outcome.FAILED, String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private FileReport inspect(FileRecord record, OpenedFile file, Mode mode) throws LinuxException {
        Optional<StoredLabel> found = labels.get(file);
        String wanted = record.applied().map(StoredLabel::printable).orElse("no label");
        String was = found.map(StoredLabel::printable).orElse("no label");
        if (found.equals(record.applied())) {
            return new FileReport(record.path(), FileReport.Outcome.AS_EXPECTED, was);
        }
        return switch (mode) {
            case VERIFY ->
                new FileReport(
                        record.path(),
                        FileReport.Outcome.CHANGED_BY_OTHERS,
                        "has " + was + " where " + wanted + " should be; set it again with labeler relabel");
            case DRY_RUN ->
                new FileReport(
                        record.path(), FileReport.Outcome.WOULD_CHANGE, "has " + was + ", and would get " + wanted);
            case RELABEL -> {
                labels.put(file, record.applied());
                yield new FileReport(
                        record.path(), FileReport.Outcome.RELABELLED, "had " + was + ", has " + wanted + " again");
            }
        };
    }

    /** What the kernel is asked about: the label that is on disk, whoever set it. */
    private Optional<KernelCheck.Target> target(FileRecord record, OpenedFile file) throws LinuxException {
        return labels.get(file)
                .flatMap(StoredLabel::context)
                .map(context -> new KernelCheck.Target(
                        record.path(), file.status().type(), context, KernelCheck.Use.of(record.sharing())));
    }

    private List<Problem> processProblems(VmRecord vm) {
        if (!kernel.isPossible() || vm.process().isEmpty()) {
            return List.of();
        }
        Pid pid = vm.process().get().pid();
        try {
            Optional<SecurityContext> context = contexts.of(pid);
            return context.equals(Optional.of(vm.contexts().process()))
                    ? List.of()
                    : List.of(problem("process " + pid + " runs at "
                            + context.map(SecurityContext::toString).orElse("no context") + " where "
                            + vm.contexts().process() + " should be; start it with labeler run"));
        } catch (LinuxException e) {
            return List.of(
                    problem("which context process " + pid + " runs at cannot be told (" + e.getMessage() + ")"));
        }
    }

    private static Problem problem(String message) {
        return new Problem(Problem.Kind.LABEL_NOT_SET, Optional.empty(), message);
    }
}
