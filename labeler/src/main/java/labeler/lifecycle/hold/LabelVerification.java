package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.Pid;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.work.Asker;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;

/**
 * Compares the expected labels of a held VM's files with the present ones, and sets them again. Its caller has the VM's
 * claim, and no lock.
 */
record LabelVerification(
        Ledger ledger,
        Reverter reverter,
        Labels labels,
        ProcessContexts contexts,
        KernelCheck kernel,
        FileSystemWork work) {
    private static final String TOO_LATE = "its file system has answered too late; run labeler relabel again";

    @Inject
    LabelVerification {}

    private enum Mode {
        VERIFY,
        DRY_RUN,
        RELABEL
    }

    /** A file with the present state instead of the expected one, and the question to the kernel about it. */
    private record Inspected(FileReport report, Optional<KernelCheck.Target> target) {}

    VmReport verify(VmRecord vm) {
        List<Inspected> files = inspect(vm, Mode.VERIFY);
        List<KernelCheck.Target> targets =
                files.stream().flatMap(file -> file.target().stream()).toList();
        List<Problem> problems = new ArrayList<>(processProblems(vm));
        problems.addAll(kernel.ownFiles(vm.contexts().process(), targets));
        problems.addAll(kernel.others(
                vm, ledger.holdings().vms(), ledger.holdings().nodes().kinds(ledger.holdings())));
        problems.addAll(
                kernel.openable(vm.contexts().process(), ledger.holdings().passed(vm)));
        return new VmReport(vm.name(), files.stream().map(Inspected::report).toList(), problems, Optional.empty());
    }

    VmReport relabel(VmRecord vm, boolean dryRun) {
        List<Inspected> files = inspect(vm, dryRun ? Mode.DRY_RUN : Mode.RELABEL);
        return new VmReport(vm.name(), files.stream().map(Inspected::report).toList(), List.of(), Optional.empty());
    }

    private List<Inspected> inspect(VmRecord vm, Mode mode) {
        List<FileRecord> files = Holdings.fileIds(vm.files()).stream()
                .flatMap(id -> ledger.holdings().file(id).stream())
                .filter(FileRecord::isLabelled)
                .toList();
        Map<FileRecord, FileSystemWork.Outcome<Inspected>> outcomes =
                work.each(files, FileRecord::realPath, WhenLate.END, (file, asker) -> inspect(file, mode, asker));
        return files.stream().map(file -> inspected(file, outcomes)).toList();
    }

    private static Inspected inspected(FileRecord file, Map<FileRecord, FileSystemWork.Outcome<Inspected>> outcomes) {
        return Objects.requireNonNull(outcomes.get(file), () -> "nobody has looked at " + file.path())
                .or(place -> failed(file, place.doesNotAnswer()));
    }

    private static Inspected failed(FileRecord file, String message) {
        return new Inspected(new FileReport(file.path(), FileReport.Outcome.FAILED, message), Optional.empty());
    }

    private Inspected inspect(FileRecord record, Mode mode, Asker asker) {
        return switch (reverter.find(record)) {
            case Reverter.Gone(String detail) ->
                new Inspected(new FileReport(record.path(), FileReport.Outcome.MISSING, detail), Optional.empty());
            case Reverter.NotFound(String detail) ->
                new Inspected(new FileReport(record.path(), FileReport.Outcome.LOST, detail), Optional.empty());
            case Reverter.Failed(String message) -> failed(record, message);
            case Reverter.Same(OpenedFile file) -> {
                try (file) {
                    Optional<KernelCheck.Target> target = target(record, file);
                    yield new Inspected(inspect(record, file, mode, asker), target);
                } catch (LinuxException e) {
                    yield failed(record, String.valueOf(e.getMessage()));
                }
            }
        };
    }

    private FileReport inspect(FileRecord record, OpenedFile file, Mode mode, Asker asker) throws LinuxException {
        Optional<StoredLabel> found = labels.get(file);
        String wanted = record.applied().map(StoredLabel::printable).orElse("no label");
        String was = found.map(StoredLabel::printable).orElse("no label");
        if (found.equals(record.applied())) {
            return new FileReport(record.path(), FileReport.Outcome.AS_EXPECTED, was);
        }
        // The label may be one that another host has set since, whose VM would lose its file.
        Optional<String> notHeld = ledger.others().notHeld(file);
        return switch (mode) {
            case VERIFY ->
                new FileReport(
                        record.path(),
                        FileReport.Outcome.CHANGED_BY_OTHERS,
                        "has " + was + " where " + wanted + " should be; "
                                + notHeld.orElse("set it again with labeler relabel"));
            case DRY_RUN ->
                notHeld.map(why -> keeps(record, was, why))
                        .orElseGet(() -> new FileReport(
                                record.path(),
                                FileReport.Outcome.WOULD_CHANGE,
                                "has " + was + ", and would get " + wanted));
            case RELABEL -> {
                if (notHeld.isPresent()) {
                    yield keeps(record, was, notHeld.get());
                }
                if (asker.hasGone()) {
                    // The VM may have given the file back since, and its label be another VM's.
                    yield failed(record, TOO_LATE).report();
                }
                labels.put(file, record.applied());
                yield new FileReport(
                        record.path(), FileReport.Outcome.RELABELLED, "had " + was + ", has " + wanted + " again");
            }
        };
    }

    private static FileReport keeps(FileRecord record, String was, String why) {
        return new FileReport(record.path(), FileReport.Outcome.FAILED, "keeps " + was + ": " + why);
    }

    /** The subject of the question to the kernel: the label on disk, whoever set it. */
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
        return Problem.of(Problem.Kind.LABEL_NOT_SET, message);
    }
}
