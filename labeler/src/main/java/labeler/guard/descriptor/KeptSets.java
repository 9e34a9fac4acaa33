package labeler.guard.descriptor;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.journal.HoldTrigger;

/** The descriptor sets whose members qemu may open again: those of jobs, and of a migration. For the judge's own thread. */
public final class KeptSets {
    private final Map<String, List<Long>> ofJobs = new HashMap<>();
    private final Set<Long> ofMigration = new HashSet<>();

    /** Those that were of a migration which is over. */
    private final Set<Long> left = new HashSet<>();

    /** A job needs them until its end. */
    public void ofJob(String job, List<Long> sets) {
        ofJobs.merge(
                job,
                sets,
                (first, second) ->
                        Stream.concat(first.stream(), second.stream()).toList());
    }

    /** A migration needs them until its end: qemu opens what it has named, and the files of nodes that it switches. */
    public void ofMigration(List<Long> sets) {
        ofMigration.addAll(sets);
    }

    /** Something has ended, perhaps the migration. */
    public void ended(HoldTrigger trigger) {
        if (trigger instanceof HoldTrigger.Migration) {
            left.addAll(ofMigration);
            ofMigration.clear();
        }
    }

    public boolean has(long set) {
        return ofMigration.contains(set) || ofJobs.values().stream().anyMatch(sets -> sets.contains(set));
    }

    /**
     * Those that nothing needs any more. Each is told once.
     *
     * @param isJobOver whether a job is
     */
    public List<Long> takeUnneeded(Predicate<String> isJobOver) {
        ofJobs.forEach((job, sets) -> {
            if (isJobOver.test(job)) {
                left.addAll(sets);
            }
        });
        ofJobs.keySet().removeIf(isJobOver);
        List<Long> unneeded = left.stream().filter(set -> !has(set)).toList();
        left.clear();
        return unneeded;
    }
}
