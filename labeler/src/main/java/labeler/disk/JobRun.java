package labeler.disk;

import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.disk.Instruction.WhenReady;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonObject;
import labeler.qmp.Answer;
import labeler.qmp.MonitorClient;
import labeler.qmp.MonitorClient.Heard;

/** Follows a job to its end: by its events, and by a look at the list of jobs now and then. */
final class JobRun {
    /** A person sees this as steady, and it costs qemu nothing. */
    private static final Duration BETWEEN_LOOKS = Duration.ofMillis(500);

    /** A wish to cancel is noticed within this time. */
    private static final Duration SLICE = Duration.ofMillis(100);

    private static final Duration NONE = Duration.ZERO;

    private final MonitorClient monitor;
    private final String job;
    private final WhenReady whenReady;
    private final Interruption interruption;
    private final Consumer<Progress> progress;
    private final Pace pace = new Pace();
    private boolean isGone;
    private boolean isReady;
    private boolean isAnswered;
    private boolean isToldToCancel;
    private boolean isCancelled;
    private boolean isCompleted;
    private Optional<String> error = Optional.empty();
    private Optional<String> lost = Optional.empty();

    JobRun(
            MonitorClient monitor,
            String job,
            WhenReady whenReady,
            Interruption interruption,
            Consumer<Progress> progress) {
        this.monitor = monitor;
        this.job = job;
        this.whenReady = whenReady;
        this.interruption = interruption;
        this.progress = progress;
    }

    JobEnd end() {
        long nextLook = System.nanoTime();
        while (true) {
            listen();
            if (!isGone && lost.isEmpty() && System.nanoTime() - nextLook >= 0) {
                look();
                nextLook = System.nanoTime() + BETWEEN_LOOKS.toNanos();
            }
            if (isGone) {
                return new JobEnd.Gone(isCompleted && error.isEmpty(), isCancelled, error);
            }
            if (lost.isPresent()) {
                return new JobEnd.Lost(lost.get());
            }
            if (interruption.isRaised() && !isToldToCancel) {
                cancel();
            } else if (isReady && !isAnswered && !isToldToCancel) {
                answer();
            }
        }
    }

    /** Takes what has come, and waits a little if nothing has. */
    private void listen() {
        Heard heard = monitor.listen(SLICE);
        while (true) {
            switch (heard) {
                case Heard.Event event -> take(event);
                case Heard.Silence() -> {
                    return;
                }
                case Heard.Ended(String message) -> {
                    lost = Optional.of(message);
                    return;
                }
            }
            heard = monitor.listen(NONE);
        }
    }

    private void take(Heard.Event event) {
        Optional<String> of = event.data().text("id").or(() -> event.data().text("device"));
        if (!of.equals(Optional.of(job))) {
            return;
        }
        switch (event.name()) {
            case "JOB_STATUS_CHANGE" -> status(event.data().text("status").orElse(""));
            case "BLOCK_JOB_COMPLETED" -> {
                isCompleted = true;
                error = error.or(() -> event.data().text("error"));
            }
            case "BLOCK_JOB_CANCELLED" -> isCancelled = true;
            default -> {
                // BLOCK_JOB_ERROR precedes a COMPLETED with the error, and the status says the rest.
            }
        }
    }

    private void status(String status) {
        isGone |= status.equals("null");
        isReady |= status.equals("ready");
    }

    private void look() {
        switch (monitor.execute("query-jobs", Json.object().build())) {
            case Answer.Done(JsonArray jobs) -> {
                Optional<JsonObject> found = jobs.objects().stream()
                        .filter(listed -> listed.text("id").equals(Optional.of(job)))
                        .findFirst();
                found.ifPresentOrElse(this::seen, () -> isGone = true);
            }
            case Answer.Done(Json _) -> lost = Optional.of("qemu's list of jobs is not understood");
            case Answer.Refused(String _, String description) -> lost = Optional.of(description);
            case Answer.Broken(String message) -> lost = Optional.of(message);
        }
        listenAtOnce();
    }

    /** The events that came with an answer say more about the end than the list does. */
    private void listenAtOnce() {
        while (monitor.listen(NONE) instanceof Heard.Event event) {
            take(event);
        }
    }

    private void seen(JsonObject listed) {
        status(listed.text("status").orElse(""));
        long done = listed.number("current-progress").orElse(0L);
        long total = listed.number("total-progress").orElse(0L);
        progress.accept(new Progress(job, done, total, pace.report(System.nanoTime(), done)));
    }

    /** Without force a job that is ready would end as a whole copy, and this says that it need not. */
    private void cancel() {
        isToldToCancel = true;
        // A job that cannot be cancelled any more is about to end. Then the disk shows the result.
        tell("job-cancel", Json.object().put("id", job).build());
    }

    private void answer() {
        isAnswered = true;
        Optional<String> refusal = switch (whenReady) {
            case NOTHING -> Optional.empty();
            case COMPLETE -> tell("job-complete", Json.object().put("id", job).build());
            case END ->
                tell(
                        "block-job-cancel",
                        Json.object()
                                .put("device", job)
                                .put("force", Json.of(false))
                                .build());
        };
        if (refusal.isPresent()) {
            error = error.or(() -> refusal);
            cancel();
        }
    }

    /** The reason of a refusal. */
    private Optional<String> tell(String command, JsonObject arguments) {
        return switch (monitor.execute(command, arguments)) {
            case Answer.Done _ -> Optional.empty();
            case Answer.Refused(String _, String description) -> Optional.of(description);
            case Answer.Broken(String message) -> {
                lost = Optional.of(message);
                yield Optional.empty();
            }
        };
    }
}
