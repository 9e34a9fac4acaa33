package labeler.review;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import labeler.problem.Problem;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where headers are read again: on threads of their own, since a file system that does not answer may hold up neither a
 * stop nor the end of the service. A header that was not read leaves its hold on record.
 */
public final class ReviewThreads implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(ReviewThreads.class);

    /** A stop waits so long for what it has to report; a header is read within milliseconds. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** One that hangs leaves three for the other file systems. */
    private static final int THREADS = 4;

    private final KnownReferences references;
    private final ExecutorService threads = Executors.newFixedThreadPool(
            THREADS, Thread.ofPlatform().name("review-", 0).daemon().factory());

    public ReviewThreads(KnownReferences references) {
        this.references = references;
    }

    public KnownReferences references() {
        return references;
    }

    /** Waits for the result, within bounds. */
    public List<Problem> finish(Review review, Optional<VmDefinition> last) {
        if (review.images().isEmpty() && last.isEmpty()) {
            return List.of();
        }
        return await(threads.submit(() -> references.read(review, last))).orElseGet(() -> List.of(late(review)));
    }

    /** As {@link #finish}, for many VMs within the time that one has. */
    public Map<VmName, List<Problem>> finish(List<Review> reviews) {
        Map<VmName, List<Problem>> problems = new HashMap<>();
        List<Review> read = new ArrayList<>(reviews);
        if (read.isEmpty()) {
            return problems;
        }
        Future<Map<VmName, List<Problem>>> all = threads.submit(() -> {
            Map<VmName, List<Problem>> found = new HashMap<>();
            read.forEach(review -> found.put(review.vm(), references.read(review, Optional.empty())));
            return found;
        });
        return await(all).orElse(problems);
    }

    /** Nobody waits: the log has the result. */
    public void finishLater(Review review) {
        if (!review.images().isEmpty()) {
            var _ = threads.submit(() -> readQuietly(review));
        }
    }

    private void readQuietly(Review review) {
        try {
            var _ = references.read(review, Optional.empty());
        } catch (RuntimeException | LinkageError e) {
            LOG.error("while reading headers again", e);
        }
    }

    private static <T> Optional<T> await(Future<T> future) {
        try {
            return Optional.of(future.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            LOG.error("while reading headers again", e.getCause());
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    private static Problem late(Review review) {
        return new Problem(
                Problem.Kind.UNREADABLE,
                review.images().stream().findFirst().map(image -> image.path()),
                "its header could not be read again; what is new in it at the next start is taken for the VM's doing, and"
                        + " refused");
    }

    @Override
    public void close() {
        threads.shutdown();
    }
}
