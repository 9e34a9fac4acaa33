package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;
import java.util.function.Predicate;
import labeler.api.EventsAnswer;
import labeler.guard.record.AuditLine;
import labeler.guard.record.AuditTime;
import labeler.guard.record.FileAuditLog;
import labeler.guard.record.LogPage;
import labeler.guard.record.LogReader;
import labeler.guard.record.Position;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.problem.IoReason;
import labeler.vm.VmName;

/**
 * The endpoint of the audit log: a part of it a request. A follower asks with {@code wait}, and again from where the answer
 * ended. So the service keeps nothing of a follower, and a slow one delays only itself.
 */
final class EventsEndpoint {
    private static final String AFTER = "after";
    private static final String SINCE = "since";
    private static final String VM = "vm";
    private static final String WAIT = "wait";

    /** Lines of one answer: a few hundred kilobytes. */
    private static final int MOST_LINES = 1_000;

    /** For lines that are on their way to the log: who has started a VM finds its event. A disk that hangs costs no more. */
    private static final Duration PATIENCE = Duration.ofSeconds(1);

    /** Shorter than the patience of clients and proxies. */
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(20);

    /** A follower occupies a connection, and others need some as well. */
    private static final int MOST_FOLLOWERS = 32;

    private final FileAuditLog log;
    private final Semaphore followers = new Semaphore(MOST_FOLLOWERS);

    @Inject
    EventsEndpoint(FileAuditLog log) {
        this.log = log;
    }

    /** Its answers come from local files, and it may wait. So it uses none of the threads for files of VMs. */
    Route route() {
        return new Route("GET", "/v1/events", Set.of(WAIT), Set.of(AFTER, SINCE, VM), this::events, Route.Effort.NONE);
    }

    /** The question of a client. */
    private record Question(Position after, Optional<Instant> since, Optional<VmName> vm) {
        boolean isWanted(AuditLine line) {
            return since.filter(line.time()::isBefore).isEmpty()
                    && (vm.isEmpty() || line.entry().vm().equals(vm));
        }
    }

    private HttpAnswer events(HttpCall call) {
        Optional<Instant> since = call.value(SINCE).flatMap(AuditTime::parse);
        if (since.isEmpty() && call.value(SINCE).isPresent()) {
            return HttpAnswer.usage("the parameter since is a time: 2026-11-27T07:44:55Z");
        }
        Optional<VmName> vm = call.value(VM).flatMap(VmName::parse);
        if (vm.isEmpty() && call.value(VM).isPresent()) {
            return VmCall.badName();
        }
        LogReader reader = log.reader();
        try {
            log.awaitWritten(PATIENCE);
            Optional<Position> after = after(call.lastEventId().or(() -> call.value(AFTER)), since, reader);
            if (after.isEmpty()) {
                return HttpAnswer.usage("the parameter after is the \"next\" of an earlier answer, or now");
            }
            Question question = new Question(after.get(), since, vm);
            EventStream form = EventStream.of(call);
            return call.isOn(WAIT) || form == EventStream.SERVER_SENT
                    ? followed(reader, question, form)
                    : form.answer(read(reader, after.get(), question::isWanted));
        } catch (IOException e) {
            return HttpAnswer.failed("the audit log cannot be read: " + IoReason.of(e));
        } catch (InterruptedException e) {
            return stops();
        }
    }

    private Optional<Position> after(Optional<String> named, Optional<Instant> since, LogReader reader)
            throws IOException {
        if (named.equals(Optional.of(EventsAnswer.NOW))) {
            return Optional.of(log.end());
        }
        if (named.isPresent()) {
            return Position.parse(named.get());
        }
        return Optional.of(since.isPresent() ? reader.at(since.get()) : Position.BEGIN);
    }

    private static LogPage read(LogReader reader, Position after, Predicate<AuditLine> wanted) throws IOException {
        return reader.read(after, MOST_LINES, wanted);
    }

    private HttpAnswer followed(LogReader reader, Question question, EventStream form) throws IOException {
        if (!followers.tryAcquire()) {
            return HttpAnswer.busy(MOST_FOLLOWERS + " clients follow the audit log; ask again later");
        }
        try {
            return form.answer(awaited(reader, question));
        } catch (InterruptedException e) {
            return stops();
        } finally {
            followers.release();
        }
    }

    private static HttpAnswer stops() {
        Thread.currentThread().interrupt();
        return HttpAnswer.busy("the service stops");
    }

    /** The next lines that are wanted, or none after a while. */
    private LogPage awaited(LogReader reader, Question question) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + LONGEST_WAIT.toNanos();
        LogPage page = read(reader, question.after(), question::isWanted);
        while (page.lines().isEmpty() && page.damaged() == 0 && page.isEnd() && log.isFollowed()) {
            Duration left = Duration.ofNanos(deadline - System.nanoTime());
            if (!left.isPositive()) {
                break;
            }
            log.await(page.next(), left);
            page = read(reader, page.next(), question::isWanted);
        }
        return page;
    }
}
