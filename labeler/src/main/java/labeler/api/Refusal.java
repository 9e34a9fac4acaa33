package labeler.api;

import java.util.List;
import labeler.http.HttpRefusal;
import labeler.json.Json.JsonObject;
import labeler.problem.Problem;
import labeler.problem.Problem.Severity;

/**
 * An answer that is no success.
 *
 * @param kind a word for scripts, the name of a {@link Problem.Kind}, or {@code NO_SUCH_VM}
 * @param message one line for people
 */
public record Refusal(Status status, String kind, String message, List<Problem> problems) implements HttpRefusal {
    /** The HTTP status of a refusal, and the command line's exit code for it. */
    public enum Status {
        USAGE(400, ExitCode.USAGE),
        NOT_PERMITTED(403, ExitCode.NO_SERVICE),
        NOT_FOUND(404, ExitCode.FAILED),
        METHOD_NOT_ALLOWED(405, ExitCode.FAILED),
        CONFLICT(409, ExitCode.CONFLICT),
        TOO_LARGE(413, ExitCode.REFUSED),
        REFUSED(422, ExitCode.REFUSED),
        FAILED(500, ExitCode.FAILED),
        BUSY(503, ExitCode.FAILED),
        UNREACHABLE(504, ExitCode.NO_SERVICE);

        private final int http;
        private final int exitCode;

        Status(int http, int exitCode) {
            this.http = http;
            this.exitCode = exitCode;
        }

        public int exitCode() {
            return exitCode;
        }

        /** The meaning of an HTTP status. One that the service never gives is a failure. */
        public static Status ofHttp(int http) {
            for (Status status : values()) {
                if (status.http == http) {
                    return status;
                }
            }
            return FAILED;
        }
    }

    public Refusal {
        problems = List.copyOf(problems);
    }

    /** No VM of such a name is held. */
    public static Refusal noSuchVm(String message) {
        return new Refusal(Status.NOT_FOUND, "NO_SUCH_VM", message, List.of());
    }

    /**
     * The refusal for these problems. An unsafe input outweighs a conflict, since it stays unsafe when the other VM has
     * gone. Both outweigh a failure.
     *
     * @param problems at least one
     */
    public static Refusal because(List<Problem> problems) {
        Problem worst = problems.getFirst();
        for (Problem problem : problems) {
            if (problem.kind().severity().compareTo(worst.kind().severity()) < 0) {
                worst = problem;
            }
        }
        String message = worst.file().map(file -> file.printable() + ": ").orElse("") + worst.message();
        return new Refusal(status(worst.kind().severity()), worst.kind().name(), message, problems);
    }

    public static Status status(Severity severity) {
        return switch (severity) {
            case REFUSED -> Status.REFUSED;
            case CONFLICT -> Status.CONFLICT;
            case FAILED -> Status.FAILED;
            case UNREACHABLE -> Status.UNREACHABLE;
        };
    }

    /** The part of a refusal that a body carries. */
    public record Body(String kind, String message, List<Problem> problems) {
        public Body {
            problems = List.copyOf(problems);
        }
    }

    public Body body() {
        return new Body(kind, message, problems);
    }

    @Override
    public int httpStatus() {
        return status.http;
    }

    @Override
    public JsonObject json() {
        return ApiJson.write(body());
    }
}
