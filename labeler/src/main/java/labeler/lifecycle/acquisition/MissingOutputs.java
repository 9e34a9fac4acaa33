package labeler.lifecycle.acquisition;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.hold.Holdings;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.OpenedFile;
import labeler.linux.SafeOpen;
import labeler.plan.Plan;
import labeler.plan.PlannedFile;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.reference.ReadHeader;

/**
 * Files that qemu writes and that do not exist yet. They are made before the start goes on. No lock is held, since a
 * file system that hangs may not delay other VMs.
 */
public final class MissingOutputs {
    private final Holdings holdings;
    private final SafeOpen open;

    @Inject
    MissingOutputs(Holdings holdings, SafeOpen open) {
        this.holdings = holdings;
        this.open = open;
    }

    /** The files of this plan that the VM needs and that do not exist. */
    public static List<HostPath> missing(Plan plan) {
        return plan.files().stream()
                .filter(MissingOutputs::isMissing)
                .map(file -> file.path())
                .toList();
    }

    private static boolean isMissing(PlannedFile file) {
        return (file.treatment() == Treatment.PASS || file.treatment() == Treatment.LABEL)
                && file.file().identity().isEmpty();
    }

    /** The reason why they are not made for this user. */
    public static Optional<Problem> refusal(Plan plan, int uid) {
        return plan.files().stream()
                .filter(file -> uid != 0 && file.treatment() == Treatment.LABEL && isMissing(file))
                .findFirst()
                .map(file -> Problem.of(
                        Problem.Kind.MISSING,
                        file.path(),
                        "it is not there, and the service makes files for root alone; make it first"));
    }

    /** An empty file made for a start or a command, by whichever process. */
    public record NewFile(HostPath path, FileIdentity identity) {
        static NewFile of(OpenedFile file) {
            return new NewFile(file.path(), file.identity());
        }
    }

    /** The result. */
    public sealed interface Outcome {}

    /** All of them, open, by their paths. */
    public record Made(Map<HostPath, OpenedFile> files) implements Outcome, AutoCloseable {
        public List<NewFile> newFiles() {
            return files.values().stream().map(NewFile::of).toList();
        }

        /** The headers, since a guest can write one into each file. */
        public List<ReadHeader> headers() {
            return files.values().stream()
                    .map(file -> ReadHeader.ofNoImage(file.path(), file.realPath(), file.status()))
                    .toList();
        }

        @Override
        public void close() {
            files.values().forEach(OpenedFile::close);
        }
    }

    /** One file could not be made, and does not exist. */
    public record NotMade(List<Problem> problems) implements Outcome {}

    public Outcome make(List<HostPath> paths, StartRequest.Owner owner) {
        Made made = new Made(new LinkedHashMap<>());
        for (HostPath path : paths) {
            try {
                made.files.put(path, open.create(path, FileAcquisition.CREATED_MODE, owner.uid(), owner.gid()));
            } catch (LinuxException e) {
                made.close();
                List<Problem> problems = new ArrayList<>(List.of(notMade(path, e)));
                problems.addAll(remove(made.newFiles()));
                return new NotMade(problems);
            }
        }
        return made;
    }

    /**
     * Removes the files made for a failed start, the last first. If a VM has taken such a file in the meantime, it
     * keeps the file. The exception is a VM that takes it between the check and the removal. To do both at once would
     * need the lock, and a file system may hang.
     *
     * @return why any could not be removed
     */
    public List<Problem> remove(Collection<NewFile> made) {
        List<Problem> problems = new ArrayList<>();
        for (NewFile file : List.copyOf(made).reversed()) {
            try {
                if (!isHeld(file.identity())) {
                    open.unlinkIfSame(file.path(), file.identity());
                }
            } catch (LinuxException e) {
                problems.add(notRemoved(file.path(), e));
            }
        }
        return problems;
    }

    /**
     * Removes those of the files that are still empty, and that no VM holds any more.
     *
     * @return why any could not be removed
     */
    public List<Problem> removeEmpty(Collection<NewFile> made) {
        List<NewFile> empty = new ArrayList<>();
        List<Problem> problems = new ArrayList<>();
        for (NewFile file : made) {
            try {
                open.look(file.path())
                        .filter(now -> now.identity().equals(file.identity()) && now.size() == 0)
                        .ifPresent(_ -> empty.add(file));
            } catch (LinuxException e) {
                problems.add(notRemoved(file.path(), e));
            }
        }
        problems.addAll(remove(empty));
        return problems;
    }

    private boolean isHeld(FileIdentity identity) {
        return holdings.file(identity)
                .filter(file -> !holdings.holders(file.id()).isEmpty())
                .isPresent();
    }

    private static Problem notMade(HostPath path, LinuxException e) {
        return Problem.of(Problem.Kind.MISSING, path, "it is not there and cannot be made (" + e.getMessage() + ")");
    }

    private static Problem notRemoved(HostPath path, LinuxException e) {
        return Problem.of(
                Problem.Kind.LABEL_NOT_SET,
                path,
                "the empty file made for the VM cannot be removed (" + e.getMessage() + ")");
    }
}
