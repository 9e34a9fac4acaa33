package labeler.lifecycle.acquisition;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import labeler.apply.PlanApplier;
import labeler.journal.FileRecord;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.release.Reversions;
import labeler.linux.OpenedFile;
import labeler.problem.Problem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The descriptors by which an acquisition labels its files, and by which they go back if it fails. */
final class OwnDescriptors {
    private static final Logger LOG = LoggerFactory.getLogger(OwnDescriptors.class);

    private final Ledger ledger;
    private final PlanApplier applier;
    private final Map<Long, OpenedFile> opened = new HashMap<>();

    OwnDescriptors(Ledger ledger, PlanApplier applier) {
        this.ledger = ledger;
        this.applier = applier;
    }

    void put(FileRecord file, OpenedFile found) {
        opened.put(file.id(), found);
    }

    /**
     * Gives these their earlier labels, the last first, as {@link Reversions} would, and unmarks each.
     *
     * @param problems gets why any could not be given back
     */
    void takeBack(List<FileRecord> leaving, List<Problem> problems) {
        for (FileRecord file : leaving.reversed()) {
            boolean isGivenBack = false;
            try {
                Optional<PlanApplier.TakenBack> back = Optional.ofNullable(opened.get(file.id()))
                        .map(found -> applier.takeBack(found, ledger.others().passage(file, found), ledger.bootId()));
                back.flatMap(PlanApplier.TakenBack::problem).ifPresent(problems::add);
                isGivenBack = back.map(PlanApplier.TakenBack::isOver).orElse(true);
            } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
                // It may have to do with this file, and the others wait behind it. The settlement tries it again.
                LOG.error("while giving back {}", file.path(), e);
                problems.add(Problem.of(Problem.Kind.LABEL_NOT_SET, file.path(), "unforeseen: " + e));
            } finally {
                ledger.reverted(file, isGivenBack);
            }
        }
    }
}
