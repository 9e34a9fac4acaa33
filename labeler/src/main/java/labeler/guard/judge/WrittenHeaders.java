package labeler.guard.judge;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import labeler.chain.ImageFormat;
import labeler.journal.FileHold;
import labeler.lifecycle.follow.WrittenHeader;
import labeler.linux.HostPath;
import labeler.problem.Problem;

/**
 * The writes of commands and jobs into headers, until they are on record: otherwise they count as the guest's. For the
 * judge's own thread.
 */
final class WrittenHeaders {
    private final Map<String, Map<HostPath, ImageFormat>> jobs = new HashMap<>();

    /** Those that are written, and are not known yet. */
    private final Map<HostPath, ImageFormat> owed = new LinkedHashMap<>();

    /** A job writes into these headers, at its end at the latest. */
    void job(String id, Map<HostPath, ImageFormat> images) {
        jobs.put(id, images);
    }

    /** These are written. */
    void written(Map<HostPath, ImageFormat> images) {
        owed.putAll(images);
    }

    /**
     * Takes note of the headers that jobs have written.
     *
     * @param isOver whether a job is over, or is about to be
     * @param there the jobs that qemu still has
     */
    void jobsOver(Predicate<String> isOver, Set<String> there) {
        jobs.forEach((id, images) -> {
            if (isOver.test(id)) {
                owed.putAll(images);
            }
        });
        jobs.keySet().retainAll(there);
    }

    /** Images into whose headers jobs may write just now, and those into which was written what is not known yet. */
    Set<HostPath> unread() {
        Set<HostPath> images = new HashSet<>(owed.keySet());
        jobs.values().forEach(written -> images.addAll(written.keySet()));
        return images;
    }

    /**
     * Puts on record what is written. The next settlement tries again if this fails: the journal may be full, the VM be
     * taken by another operation, or a file system not answer.
     *
     * @param known does so, and tells the problems
     */
    List<Problem> record(Function<List<WrittenHeader>, List<Problem>> known) {
        if (owed.isEmpty()) {
            return List.of();
        }
        List<Problem> problems = new ArrayList<>();
        // One by one: a file system that hangs keeps no other's header waiting.
        for (Map.Entry<HostPath, ImageFormat> header : List.copyOf(owed.entrySet())) {
            List<Problem> now = known.apply(List.of(new WrittenHeader(header.getKey(), header.getValue())));
            if (now.stream().noneMatch(WrittenHeaders::isForNow)) {
                owed.remove(header.getKey());
            }
            problems.addAll(now);
        }
        return problems;
    }

    private static boolean isForNow(Problem problem) {
        return problem.kind() == Problem.Kind.JOURNAL_FAILED || problem.kind() == Problem.Kind.NOT_ANSWERING;
    }

    /** Whether something is to be tried again. */
    boolean isAnyOwed() {
        return !owed.isEmpty();
    }

    /** Whether a hold has to stay for now: what is new in an image that the VM stops writing counts as the guest's. */
    boolean isOwed(FileHold hold) {
        return hold.isWriting() && owed.containsKey(hold.path());
    }
}
