package labeler.review;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import labeler.linux.HostPath;
import labeler.problem.Problem;
import labeler.reference.KnownImage;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import labeler.work.WorkEnd;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads headers again on the threads of their file systems. So a file system that does not answer delays neither a stop
 * nor the end of the service. A header that was not read leaves its hold on record.
 */
public final class ReviewThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReviewThreads.class);

    /** For headers that nobody waits for; a file system may hang. */
    private static final long CLOSING_SECONDS = 5;

    private final KnownReferences references;
    private final FileSystemWork work;
    private final ExecutorService background = Executors.newFixedThreadPool(
            WaitLimits.MOST_WAITING, Thread.ofVirtual().name("review-", 0).factory());

    @Inject
    public ReviewThreads(KnownReferences references, FileSystemWork work) {
        this.references = references;
        this.work = work;
    }

    public KnownReferences references() {
        return references;
    }

    /** Waits for the result, unless a file system does not answer. */
    public List<Problem> finish(Review review, Optional<VmDefinition> last) {
        if (review.images().isEmpty() && last.isEmpty()) {
            return List.of();
        }
        FileSystemWork.Outcome<List<Problem>> outcome =
                work.run(paths(review), _ -> references.read(review, last), _ -> {});
        return switch (outcome) {
            case FileSystemWork.Done<List<Problem>>(List<Problem> problems) -> problems;
            case FileSystemWork.Late<List<Problem>> _, FileSystemWork.NotBegun<List<Problem>> _ ->
                List.of(late(review));
        };
    }

    private static List<HostPath> paths(Review review) {
        return review.images().stream().map(KnownImage::realPath).toList();
    }

    /** Does the same as {@link #finish}, for many VMs at the same time. */
    public Map<VmName, List<Problem>> finish(List<Review> reviews) {
        Map<VmName, List<Problem>> problems = new ConcurrentHashMap<>();
        CompletableFuture.allOf(reviews.stream()
                        .map(review -> CompletableFuture.runAsync(
                                () -> problems.put(review.vm(), finishQuietly(review)), background))
                        .toArray(CompletableFuture[]::new))
                .join();
        return problems;
    }

    /** Runs in the background: the result goes to the log. */
    public void finishLater(Review review) {
        if (!review.images().isEmpty()) {
            var _ = background.submit(() -> finishQuietly(review));
        }
    }

    private List<Problem> finishQuietly(Review review) {
        try {
            return finish(review, Optional.empty());
        } catch (RuntimeException | LinkageError | OutOfMemoryError | StackOverflowError e) {
            // All other VMs, and what comes after them, wait behind this one.
            LOG.error("while reading headers again", e);
            return List.of();
        }
    }

    private static Problem late(Review review) {
        return new Problem(
                Problem.Kind.UNREADABLE,
                review.images().stream().findFirst().map(image -> image.path()),
                "its header could not be read again; what is new in it at the next start is taken for the VM's doing, and"
                        + " refused");
    }

    /** Images that are not read by then stay held on record, and the next service reads them. */
    @Override
    public void close() {
        WorkEnd.await(
                background,
                CLOSING_SECONDS,
                () -> LOG.warn("a file system does not answer; headers on it are read again by the next service"));
    }
}
