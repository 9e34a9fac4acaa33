package labeler.disk;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import labeler.disk.Instruction.NotPossible;
import labeler.disk.Instruction.Possible;
import labeler.disk.Outcome.Kind;
import labeler.json.Json;
import labeler.qmp.Answer;
import labeler.qmp.MonitorClient;

/** Operations on the disks of a VM, through a monitor. */
public final class DiskSession {
    /** The guard's refusals begin so. */
    private static final String GUARD = "labeler ";

    /** Another VM has the file: rules of the guard's. One of them is also about labels of VMs that are gone. */
    private static final Pattern IN_USE = Pattern.compile("labeler S[12]: (?!a left label: )");

    private final MonitorClient monitor;
    private final Interruption interruption;
    private final Consumer<Progress> progress;
    private final Consumer<String> started;

    /**
     * A session, which does not close the monitor.
     *
     * @param progress gets a report about twice a second
     * @param started gets the id of a job when it runs
     */
    public DiskSession(
            MonitorClient monitor, Interruption interruption, Consumer<Progress> progress, Consumer<String> started) {
        this.monitor = monitor;
        this.interruption = interruption;
        this.progress = progress;
        this.started = started;
    }

    /**
     * Does one thing.
     *
     * @param disk as a person names it
     * @param isWaiting whether a job is followed to its end
     */
    public Outcome run(Operation operation, String disk, Names names, boolean isWaiting) {
        return switch (look()) {
            case NotSeen(Kind kind, String message) -> Outcome.without(kind, message);
            case Seen(Drives drives) ->
                switch (operation.instruction(drives, disk, names)) {
                    case NotPossible(String message) -> Outcome.without(Kind.FAILED, message);
                    case Possible(Drive drive, Instruction instruction) -> run(drive, instruction, isWaiting);
                };
        };
    }

    private sealed interface Look {}

    private record Seen(Drives drives) implements Look {}

    private record NotSeen(Kind kind, String message) implements Look {}

    private Look look() {
        Answer block = monitor.execute("query-block", Json.object().build());
        Answer nodes = monitor.execute(
                "query-named-block-nodes",
                Json.object().put("flat", Json.of(true)).build());
        if (block instanceof Answer.Done(Json drives) && nodes instanceof Answer.Done(Json named)) {
            return new Seen(Drives.read(drives, named));
        }
        Outcome failure = failure(block instanceof Answer.Done ? nodes : block);
        return new NotSeen(failure.kind(), failure.message());
    }

    private static Outcome failure(Answer answer) {
        return switch (answer) {
            case Answer.Done _ -> Outcome.without(Kind.FAILED, "qemu's answer is not understood");
            case Answer.Refused(String _, String description) -> Outcome.without(kind(description), description);
            case Answer.Broken(String message) ->
                Outcome.without(Kind.UNKNOWN, message + "; what was asked for may have been done");
        };
    }

    private Outcome run(Drive drive, Instruction instruction, boolean isWaiting) {
        Answer answer = monitor.execute(instruction.command(), instruction.arguments());
        if (!(answer instanceof Answer.Done)) {
            return failure(answer);
        }
        if (instruction.job().isEmpty()) {
            return judged(drive, instruction, new JobEnd.Gone(true, false, Optional.empty()));
        }
        String job = instruction.job().get();
        started.accept(job);
        if (!isWaiting) {
            String message = startedMessage(instruction, job);
            return new Outcome(Kind.STARTED, message, instruction.job(), Optional.of(drive), List.of());
        }
        JobEnd end = new JobRun(monitor, job, instruction.whenReady(), interruption, progress).end();
        return judged(drive, instruction, end);
    }

    private static String startedMessage(Instruction instruction, String job) {
        return switch (instruction.whenReady()) {
            case NOTHING -> "job " + job + " runs";
            case COMPLETE -> "job " + job + " runs; when it is ready, QMP's job-complete changes the disk over";
            case END -> "job " + job + " runs; when it is ready, QMP's block-job-cancel ends it with a whole copy";
        };
    }

    /** Tells the result by what the disk is now, wherever the disk shows it. */
    private Outcome judged(Drive before, Instruction instruction, JobEnd end) {
        Optional<String> job = instruction.job();
        if (end instanceof JobEnd.Lost(String message)) {
            return new Outcome(Kind.UNKNOWN, lost(message, job), job, Optional.empty(), List.of());
        }
        if (!(look() instanceof Seen(Drives drives))) {
            return new Outcome(Kind.UNKNOWN, lost("the monitor was lost", job), job, Optional.empty(), List.of());
        }
        JobEnd.Gone gone = (JobEnd.Gone) end;
        Optional<Drive> after = drives.again(before);
        boolean isDone =
                instruction.isSeen().map(seen -> after.filter(seen).isPresent()).orElse(gone.isWhole());
        if (isDone) {
            List<String> unused =
                    after.map(now -> released(drives, before, now)).orElse(List.of());
            return new Outcome(Kind.DONE, instruction.done(), job, after, unused);
        }
        return new Outcome(kind(gone), notDone(instruction, gone), job, after, List.of());
    }

    private boolean isCancelled(JobEnd.Gone gone) {
        return gone.isCancelled() && interruption.isRaised();
    }

    private Kind kind(JobEnd.Gone gone) {
        if (isCancelled(gone)) {
            return Kind.CANCELLED;
        }
        return gone.error().map(DiskSession::kind).orElse(Kind.FAILED);
    }

    private static Kind kind(String error) {
        if (!error.startsWith(GUARD)) {
            return Kind.FAILED;
        }
        return IN_USE.matcher(error).lookingAt() ? Kind.CONFLICT : Kind.REFUSED;
    }

    private String notDone(Instruction instruction, JobEnd.Gone gone) {
        String reason = isCancelled(gone)
                ? "cancelled"
                : gone.error()
                        .orElse(gone.isCancelled() ? "somebody else has cancelled the job" : "qemu has not done it");
        String file = instruction
                .file()
                .filter(_ -> instruction.job().isPresent())
                .map(name -> "; " + name + " is incomplete, and nothing uses it")
                .orElse("");
        return reason + "; the disk is as before" + file;
    }

    private static String lost(String message, Optional<String> job) {
        return message
                + job.map(id -> "; job " + id + " goes on if qemu still runs: query-jobs shows it")
                        .orElse("");
    }

    /**
     * Removes nodes that the disk has left, so that qemu closes their files. qemu refuses each that something else uses.
     *
     * @return those that are still there
     */
    private List<String> released(Drives drives, Drive before, Drive after) {
        List<String> left = drives.left(before, after);
        for (String node : left) {
            // A node may have gone with the one before: to ask for its end would be on record as a failure.
            if (look() instanceof Seen(Drives now) && now.hasNode(node)) {
                monitor.execute(
                        "blockdev-del", Json.object().put("node-name", node).build());
            }
        }
        return !left.isEmpty() && look() instanceof Seen(Drives now)
                ? left.stream().filter(now::hasNode).toList()
                : left;
    }
}
