package labeler.lifecycle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import labeler.apply.Labels;
import labeler.apply.Reverter;
import labeler.journal.FileHold;
import labeler.journal.FileRecord;
import labeler.journal.VmRecord;
import labeler.linux.FileType;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/** Asks the kernel about each VM and each file. The files are looked at and the kernel is asked under no lock. */
final class Matrices {
    /** A picture with more is no picture, and each cell may be a question. */
    private static final int MAXIMUM_CELLS = 100_000;

    private final ReentrantLock lock;
    private final Holdings holdings;
    private final Reverter reverter;
    private final Labels labels;
    private final ProcessContexts contexts;
    private final KernelCheck kernel;

    Matrices(
            ReentrantLock lock,
            Holdings holdings,
            Reverter reverter,
            Labels labels,
            ProcessContexts contexts,
            KernelCheck kernel) {
        this.lock = lock;
        this.holdings = holdings;
        this.reverter = reverter;
        this.labels = labels;
        this.contexts = contexts;
        this.kernel = kernel;
    }

    /** A file with what stands in the journal of it. */
    private record HeldFile(FileRecord record, List<VmName> holders) {}

    private record Held(List<VmRecord> vms, List<HeldFile> files) {}

    /** A file with what it has on disk. */
    private record Looked(Matrix.Column column, FileType type) {}

    private record Question(SecurityContext process, SecurityContext file, FileType type) {}

    /** @param name the one VM to show; all where this is empty */
    MatrixOutcome of(Optional<VmName> name) {
        if (!kernel.isPossible()) {
            return notShown("SELinux is not active on this host, so the kernel decides nothing by labels;"
                    + " labeler status shows what was labelled");
        }
        Held held = held(name);
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
        return new MatrixOutcome.NotShown(new Problem(Problem.Kind.NOT_DECIDED, Optional.empty(), message));
    }

    private Held held(Optional<VmName> name) {
        lock.lock();
        try {
            List<VmRecord> vms = holdings.vms().stream()
                    .filter(vm -> name.isEmpty() || name.get().equals(vm.name()))
                    .toList();
            Map<Long, HeldFile> files = new LinkedHashMap<>();
            for (VmRecord vm : holdings.vms()) {
                for (FileHold hold : vm.files()) {
                    hold.file()
                            .ifPresent(id -> holdings.file(id)
                                    .ifPresent(file -> files.putIfAbsent(
                                            id, new HeldFile(file, List.copyOf(holdings.holders(id))))));
                }
            }
            return new Held(vms, List.copyOf(files.values()));
        } finally {
            lock.unlock();
        }
    }

    private Matrix ask(Held held) throws IOException {
        List<Looked> files = new ArrayList<>();
        for (HeldFile file : held.files()) {
            files.add(look(file));
        }
        Map<Question, Matrix.Access> answers = new HashMap<>();
        List<Matrix.Row> rows = new ArrayList<>();
        List<List<Matrix.Access>> cells = new ArrayList<>();
        for (VmRecord vm : held.vms()) {
            SecurityContext process = process(vm);
            rows.add(new Matrix.Row(vm.name(), process));
            List<Matrix.Access> row = new ArrayList<>();
            for (Looked file : files) {
                row.add(access(process, file, answers));
            }
            cells.add(row);
        }
        return new Matrix(rows, files.stream().map(Looked::column).toList(), cells);
    }

    private SecurityContext process(VmRecord vm) throws LinuxException {
        Optional<SecurityContext> found =
                vm.process().isPresent() ? contexts.of(vm.process().get().pid()) : Optional.empty();
        return found.orElse(vm.contexts().process());
    }

    private Looked look(HeldFile file) throws IOException {
        if (reverter.find(file.record()) instanceof Reverter.Same(OpenedFile found)) {
            try (found) {
                return new Looked(
                        new Matrix.Column(file.record().path(), labels.get(found), file.holders()),
                        found.status().type());
            } catch (LinuxException e) {
                throw new IOException(file.record().path() + ": " + e.getMessage(), e);
            }
        }
        return new Looked(new Matrix.Column(file.record().path(), Optional.empty(), file.holders()), FileType.REGULAR);
    }

    private Matrix.Access access(SecurityContext process, Looked file, Map<Question, Matrix.Access> answers)
            throws IOException {
        Optional<SecurityContext> label = file.column().label().flatMap(StoredLabel::context);
        if (label.isEmpty()) {
            return Matrix.Access.NONE;
        }
        Question question = new Question(process, label.get(), file.type());
        Matrix.Access known = answers.get(question);
        if (known == null) {
            known = kernel.access(process, label.get(), file.type());
            answers.put(question, known);
        }
        return known;
    }
}
