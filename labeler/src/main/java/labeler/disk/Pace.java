package labeler.disk;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;

/** The speed of a job, out of its last reports. */
final class Pace {
    /** Long enough to smooth single requests, short enough to show a change. */
    private static final Duration WINDOW = Duration.ofSeconds(10);

    private record Report(long time, long done) {}

    private final Deque<Report> reports = new ArrayDeque<>();

    /**
     * Takes a report.
     *
     * @param now of any clock, in nanoseconds
     * @param done bytes
     * @return bytes a second; 0 if not known yet
     */
    long report(long now, long done) {
        while (reports.size() > 1 && now - reports.peekFirst().time() > WINDOW.toNanos()) {
            reports.removeFirst();
        }
        reports.addLast(new Report(now, done));
        Report first = reports.getFirst();
        double seconds = (now - first.time()) / (double) Duration.ofSeconds(1).toNanos();
        return seconds <= 0 || done < first.done() ? 0 : (long) ((done - first.done()) / seconds);
    }
}
