package labeler.lifecycle.hold;

import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.lifecycle.StartRequest;
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
 * Files that qemu writes, and that are not there yet: they are made before the start goes on, and under no lock, since a
 * file system that hangs may not hold up other VMs.
 */
public final class MissingOutputs {
    private final LocalRegistry holdings;
    private final SafeOpen open;

    @Inject
    MissingOutputs(LocalRegistry holdings, SafeOpen open) {
        this.holdings = holdings;
        this.open = open;
    }

    /** The files of this plan that the VM needs, and that are not there. */
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

    /** Why they are not made for this user. */
    public static Optional<Problem> refusal(Plan plan, int uid) {
        return plan.files().stream()
                .filter(file -> uid != 0 && file.treatment() == Treatment.LABEL && isMissing(file))
                .findFirst()
                .map(file -> Problem.of(
                        Problem.Kind.MISSING,
                        file.path(),
                        "it is not there, and the service makes files for root alone; make it first"));
    }

    /** An empty file of a start's making, whoever made it. */
    public record NewFile(HostPath path, FileIdentity identity) {
        static NewFile of(OpenedFile file) {
            return new NewFile(file.path(), file.identity());
        }
    }

    /** What came of it. */
    public sealed interface Outcome {}

    /** All of them, open, by their paths. */
    public record Made(Map<HostPath, OpenedFile> files) implements Outcome, AutoCloseable {
        public List<NewFile> newFiles() {
            return files.values().stream().map(NewFile::of).toList();
        }

        /** A guest can write a header into each. */
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

    /** One could not be made, and none is there. */
    public record NotMade(List<Problem> problems) implements Outcome {}

    public Outcome make(List<HostPath> paths, StartRequest.Owner owner) {
        Made made = new Made(new LinkedHashMap<>());
        for (HostPath path : paths) {
            try {
                made.files.put(path, open.create(path, FileAcquisition.CREATED_MODE, owner.uid(), owner.gid()));
            } catch (LinuxException e) {
                made.close();
                List<Problem> problems = new ArrayList<>(List.of(FileAcquisition.notMade(path, e)));
                problems.addAll(remove(made.newFiles()));
                return new NotMade(problems);
            }
        }
        return made;
    }

    /**
     * Removes what was made for a start that came to nothing, the last first. Whoever has taken such a file up meanwhile
     * keeps it, but for one who does so between the look and the removal: both at once would need the lock, and a file
     * system may hang.
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
                problems.add(FileAcquisition.notRemoved(file.path(), e));
            }
        }
        return problems;
    }

    private boolean isHeld(FileIdentity identity) {
        return holdings.file(identity)
                .filter(file -> !holdings.holders(file.id()).isEmpty())
                .isPresent();
    }
}
