package labeler.guard.judge;

import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.Outcome;
import labeler.guard.relay.OwnNames;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * Puts the end of each job on record, once. An event of a block job tells how it ended; for any other job qemu is asked. For
 * the loop's thread.
 */
final class JobEnds {
    private static final Json NOTHING = Json.nothing();

    private final JudgeMeans means;
    private final Consumer<Runnable> later;
    private final Set<String> told = new HashSet<>();

    /** @param later does something on the judge's thread */
    JobEnds(JudgeMeans means, Consumer<Runnable> later) {
        this.means = means;
        this.later = later;
    }

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
            told.add(id);
            later.accept(() -> ask(id));
        } else if (status.equals("null")) {
            told.remove(id);
        }
    }

    private void ended(Optional<String> job, Optional<String> type, Optional<String> error, String how) {
        job.filter(id -> !OwnNames.has(id)).ifPresent(id -> {
            told.add(id);
            record(id, type, error, how);
        });
    }

    /** The type and the error of a job that waits to be dismissed; one that is gone by then tells neither. */
    private void ask(String id) {
        Json jobs = means.qemu().ask("query-jobs", Json.object().build()).orElse(NOTHING);
        Optional<JsonObject> job = jobs.objects().stream()
                .filter(one -> one.text("id").equals(Optional.of(id)))
                .findFirst();
        record(
                id,
                job.flatMap(one -> one.text("type")),
                job.flatMap(one -> one.text("error")),
                job.isPresent() ? "is done" : "is over");
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
