package labeler.guard.judge;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.Outcome;
import labeler.guard.relay.OwnNames;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * Puts the end of each job on record, once. An event of a block job tells how it ended; for any other job qemu is asked. A
 * qemu that tells of more jobs than it can have is not remembered: each of its events is a line.
 */
final class JobEnds {
    /** The letters of a name that qemu tells. A client's own are shorter by far. */
    static final int LONGEST_NAME = 1_024;

    /** The number of jobs that have ended and are not gone. */
    private static final int MOST_JOBS = 1_000;

    private static final Json NOTHING = Json.nothing();

    private final JudgeMeans means;
    private final Consumer<Runnable> later;

    /** For the loop's thread. */
    private final Set<String> told = new HashSet<>();

    /** Those that one question will be for. */
    private final Set<String> unasked = ConcurrentHashMap.newKeySet();

    private final AtomicBoolean isAskingDue = new AtomicBoolean();

    /** @param later does something on the judge's thread */
    JobEnds(JudgeMeans means, Consumer<Runnable> later) {
        this.means = means;
        this.later = later;
    }

    /** Sees an event. For the loop's thread. */
    void event(String name, JsonObject data) {
        switch (name) {
            case "BLOCK_JOB_COMPLETED" -> ended(data.text("device"), data.text("type"), data.text("error"), "is done");
            case "BLOCK_JOB_CANCELLED" ->
                ended(data.text("device"), data.text("type"), Optional.empty(), "was cancelled");
            case "JOB_STATUS_CHANGE" ->
                data.text("id").ifPresent(id -> changed(id, data.text("status").orElse("")));
            default -> {}
        }
    }

    /** A job whose start has failed goes from created to null: nothing has ended, and its command tells. */
    private void changed(String id, String status) {
        if (status.equals("concluded") && !told.contains(id) && !OwnNames.has(id)) {
            if (remember(id) && unasked.size() < MOST_JOBS) {
                unasked.add(id);
                askLater();
            } else {
                record(id, Optional.empty(), Optional.empty(), "is over");
            }
        } else if (status.equals("null")) {
            told.remove(id);
        }
    }

    private void ended(Optional<String> job, Optional<String> type, Optional<String> error, String how) {
        job.filter(id -> !OwnNames.has(id)).ifPresent(id -> {
            boolean _ = remember(id);
            record(id, type, error, how);
        });
    }

    /** @return whether it is known now that the end of this job was told */
    private boolean remember(String id) {
        return told.contains(id) || (told.size() < MOST_JOBS && id.length() <= LONGEST_NAME && told.add(id));
    }

    private void askLater() {
        if (!isAskingDue.getAndSet(true)) {
            later.accept(this::ask);
        }
    }

    /** The type and the error of jobs that wait to be dismissed; one that is gone by then tells neither. */
    private void ask() {
        isAskingDue.set(false);
        List<String> ids = List.copyOf(unasked);
        ids.forEach(unasked::remove);
        Json jobs = means.qemu().ask("query-jobs", Json.object().build()).orElse(NOTHING);
        Map<String, JsonObject> known = new HashMap<>();
        jobs.objects().forEach(job -> job.text("id").ifPresent(id -> known.put(id, job)));
        for (String id : ids) {
            Optional<JsonObject> job = Optional.ofNullable(known.get(id));
            record(
                    id,
                    job.flatMap(one -> one.text("type")),
                    job.flatMap(one -> one.text("error")),
                    job.isPresent() ? "is done" : "is over");
        }
    }

    private void record(String id, Optional<String> type, Optional<String> error, String how) {
        String job = "job " + id + type.map(word -> " (" + word + ")").orElse("");
        AuditEntry entry = AuditEntry.of(AuditEvent.JOB_ENDED, means.vm());
        means.log()
                .add(
                        error.isPresent()
                                ? entry.ended(Outcome.FAILED_IN_QEMU, job + " has failed: " + error.get())
                                : entry.saying(job + " " + how));
    }
}
