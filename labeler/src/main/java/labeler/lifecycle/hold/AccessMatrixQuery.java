package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.confinement.LandlockReach;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;
import labeler.work.WhenLate;

/** Asks the kernel about each VM and each file; where SELinux does not enforce, the record of its ruleset. No lock is held while files are read and the kernel is asked. */
record AccessMatrixQuery(
        Ledger ledger,
        Reverter reverter,
        Labels labels,
        ProcessContexts contexts,
        KernelCheck kernel,
        LandlockReach landlock,
        FileSystemWork work) {
    /** A larger picture would be useless, and each cell may be a question to the kernel. */
    private static final int MAXIMUM_CELLS = 100_000;

    @Inject
    AccessMatrixQuery {}

    /** A file with its record in the journal. */
    private record HeldFile(FileRecord record, List<VmName> holders) {}

    private record Held(List<VmRecord> vms, List<HeldFile> files) {}

    private sealed interface Look {}

    /** A file with its label on disk. */
    private record Looked(Matrix.Column column, FileType type) implements Look {}

    private record NotLooked(IOException failure) implements Look {}

    private record Question(SecurityContext process, SecurityContext file, FileType type) {}

    /**
     * Asks the kernel.
     *
     * @param name the one VM to show; empty for all
     */
    MatrixOutcome of(Optional<VmName> name) {
        return of(held(vm -> name.isEmpty() || name.get().equals(vm.name()), _ -> true));
    }

    /** Asks the kernel about one VM and its own files. */
    MatrixOutcome own(VmName name) {
        return of(held(vm -> name.equals(vm.name()), vm -> name.equals(vm.name())));
    }

    private MatrixOutcome of(Held held) {
        long cells = (long) held.vms().size() * held.files().size();
        if (cells > MAXIMUM_CELLS) {
            return notShown(held.vms().size() + " VMs and " + held.files().size()
                    + " files are too many for one picture; name one VM");
        }
        try {
            return new MatrixOutcome.Shown(ask(held));
        } catch (IOException e) {
            return notShown(String.valueOf(e.getMessage()));
        }
    }

    private static MatrixOutcome notShown(String message) {
        return new MatrixOutcome.NotShown(Problem.of(Problem.Kind.NOT_DECIDED, message));
    }

    /**
     * The VMs and files to ask about.
     *
     * @param rows which VMs
     * @param columns of which VMs the files
     */
    private Held held(Predicate<VmRecord> rows, Predicate<VmRecord> columns) {
        Holdings holdings = ledger.holdings();
        // In one step: nothing comes or goes in between.
        synchronized (holdings) {
            List<VmRecord> vms = holdings.vms().stream().filter(rows).toList();
            Map<Long, HeldFile> files = new LinkedHashMap<>();
            for (VmRecord vm : holdings.vms().stream().filter(columns).toList()) {
                for (FileHold hold : vm.files()) {
                    hold.file()
                            .ifPresent(id -> holdings.file(id)
                                    .ifPresent(file -> files.putIfAbsent(
                                            id, new HeldFile(file, List.copyOf(holdings.holders(id))))));
                }
            }
            return new Held(vms, List.copyOf(files.values()));
        }
    }

    private Matrix ask(Held held) throws IOException {
        // Once: it may change meanwhile, and a picture is of one moment.
        boolean isDecided = kernel.isEnforcing();
        List<Looked> files = look(held.files(), isDecided);
        Map<Question, Matrix.Reach> answers = new HashMap<>();
        List<Matrix.Row> rows = new ArrayList<>();
        List<List<Matrix.Reach>> cells = new ArrayList<>();
        for (VmRecord vm : held.vms()) {
            SecurityContext process = process(vm);
            rows.add(new Matrix.Row(vm.name(), process, Optional.of(decider(vm, isDecided))));
            List<Matrix.Reach> row = new ArrayList<>();
            for (int i = 0; i < files.size(); i++) {
                row.add(
                        isDecided
                                ? access(process, files.get(i), answers)
                                : landlock.of(vm, held.files().get(i).record()));
            }
            cells.add(row);
        }
        return new Matrix(rows, files.stream().map(Looked::column).toList(), cells);
    }

    private static Matrix.Decider decider(VmRecord vm, boolean isDecided) {
        return isDecided ? Matrix.Decider.SELINUX : LandlockReach.decider(vm);
    }

    private SecurityContext process(VmRecord vm) throws LinuxException {
        Optional<SecurityContext> found =
                vm.process().isPresent() ? contexts.of(vm.process().get().pid()) : Optional.empty();
        return found.orElse(vm.contexts().process());
    }

    private List<Looked> look(List<HeldFile> files, boolean isDecided) throws IOException {
        var outcomes =
                work.each(files, file -> file.record().realPath(), WhenLate.END, (file, _) -> look(file, isDecided));
        List<Looked> looked = new ArrayList<>();
        for (HeldFile file : files) {
            FileSystemWork.Outcome<Look> outcome = Objects.requireNonNull(
                    outcomes.get(file),
                    () -> "nobody has looked at " + file.record().path());
            switch (outcome.or(place -> new NotLooked(new IOException(place.doesNotAnswer())))) {
                case Looked done -> looked.add(done);
                case NotLooked(IOException failure) -> throw failure;
            }
        }
        return looked;
    }

    private Look look(HeldFile file, boolean isDecided) {
        if (reverter.find(file.record()) instanceof Reverter.Same(OpenedFile found)) {
            try (found) {
                return new Looked(
                        column(file, labels.get(found)), found.status().type());
            } catch (LinuxException e) {
                if (isDecided) {
                    return new NotLooked(new IOException(file.record().path() + ": " + e.getMessage(), e));
                }
                // No label decides anything here, so a file system without any is shown like the others.
            }
        }
        return new Looked(column(file, Optional.empty()), FileType.REGULAR);
    }

    private Matrix.Column column(HeldFile file, Optional<StoredLabel> label) {
        Optional<OtherHosts.Elsewhere> elsewhere = ledger.others().elsewhere(file.record());
        return new Matrix.Column(
                file.record().path(),
                label,
                file.holders(),
                elsewhere.map(OtherHosts.Elsewhere::hosts).orElse(List.of()),
                elsewhere.map(OtherHosts.Elsewhere::asked));
    }

    private Matrix.Reach access(SecurityContext process, Looked file, Map<Question, Matrix.Reach> answers)
            throws IOException {
        Optional<SecurityContext> label = file.column().context().flatMap(StoredLabel::context);
        if (label.isEmpty()) {
            return Matrix.Reach.NONE;
        }
        Question question = new Question(process, label.get(), file.type());
        Matrix.Reach known = answers.get(question);
        if (known == null) {
            known = kernel.access(process, label.get(), file.type());
            answers.put(question, known);
        }
        return known;
    }
}
