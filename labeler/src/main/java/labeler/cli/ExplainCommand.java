package labeler.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ExitCode;
import labeler.api.ExplainAnswer;
import labeler.api.ExplainBody;
import labeler.arguments.PathConverter;
import labeler.cli.option.Converters;
import labeler.explain.AuditRecords;
import labeler.explain.Explanation;
import labeler.guard.record.AuditTime;
import labeler.host.DenialLines;
import labeler.host.DeniedSince;
import labeler.problem.IoReason;
import labeler.view.ExplanationText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "explain",
        description = {
            "Says in plain words what a denial of SELinux means: which VM's qemu tried to reach which file, whether that is"
                    + " in its set, whose it is, and what to do. Of a file it says who holds it, and which label it has and"
                    + " should have.",
            "Give it a line of the kernel's audit log, lines on standard input (-), the name of a file, or --since to have"
                    + " the audit log of this host read. With nothing it reads the last hour of that log."
        },
        exitCodeList = {
            "0:explained, or nothing is to be explained",
            "1:failed",
            "2:usage",
            "3:no denial that can be read",
            "5:no service, or not permitted"
        })
final class ExplainCommand extends AbstractCommand implements Callable<Integer> {
    private static final String STANDARD_INPUT = "-";

    /** Who asks without a word wants to know of what has just happened. */
    private static final Duration LATELY = Duration.ofHours(1);

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @ArgGroup(exclusive = true)
    private @Nullable Choice choice;

    /** One of both. */
    static final class Choice {
        @Option(
                names = "--since",
                paramLabel = "T",
                converter = Converters.OfPastTime.class,
                description = "Read the kernel's audit log of this host from this time on: 10m, 2h, 3d ago, or"
                        + " 2026-11-27T07:44:55Z.")
        private @Nullable Instant since;

        @Parameters(
                arity = "1..*",
                paramLabel = "AVC|FILE",
                description = "A line of the kernel's audit log, - for lines on standard input, or a file.")
        private List<String> what = List.of();
    }

    @Override
    public Integer call() {
        List<String> words = choice == null ? List.of() : choice.what;
        try {
            if (choice == null) {
                return denialsSince(Instant.now().minus(LATELY));
            }
            if (choice.since != null) {
                return denialsSince(choice.since);
            }
            String what = String.join(" ", words);
            if (what.equals(STANDARD_INPUT)) {
                return given(DenialLines.read(System.in));
            }
            if (what.contains("avc:")) {
                return given(DenialLines.of(what.lines().toList()));
            }
        } catch (IOException e) {
            return complain(
                    Optional.ofNullable(e.getMessage()).orElseGet(() -> IoReason.of(e)),
                    e.getCause() instanceof AccessDeniedException ? ExitCode.NO_SERVICE : ExitCode.FAILED);
        }
        if (words.size() != 1) {
            return complain(
                    "one file, or one line of the audit log in quotes; labeler explain --help says more",
                    ExitCode.USAGE);
        }
        return ask(
                new ExplainBody(
                        List.of(),
                        Optional.of(Objects.requireNonNull(new PathConverter().convert(words.getFirst()))
                                .from(host().workingDirectory()))),
                Optional.empty());
    }

    private int denialsSince(Instant since) throws IOException {
        DeniedSince found = host().kernelAudit(since);
        found.begins()
                .ifPresent(begins -> terminal()
                        .complain("the audit log begins at " + AuditTime.text(begins)
                                + "; what was denied before that is not known"));
        if (found.lines().lines().isEmpty()) {
            ExplainAnswer nothing = new ExplainAnswer(List.of(), 0, 0).of(found.begins());
            service.form().print(terminal(), nothing, () -> terminal().print("no denials since then"));
            return ExitCode.DONE;
        }
        return ask(found);
    }

    /** Lines that somebody gave: without a denial there is nothing to ask the service. */
    private int given(DenialLines.Kept found) {
        AuditRecords.Read read = AuditRecords.read(found.lines().stream());
        if (read.denials().isEmpty()) {
            return complain(
                    "no denial of the kernel's that can be read; a line has avc: denied { ... } for ..."
                            + " scontext=... tcontext=... tclass=...",
                    ExitCode.REFUSED);
        }
        return ask(new DeniedSince(found, Optional.empty()));
    }

    private int ask(DeniedSince found) {
        if (found.lines().leftOut() > 0) {
            terminal().complain(found.lines().leftOut() + " older lines of denials are left out");
        }
        return ask(new ExplainBody(found.lines().lines(), Optional.empty()), found.begins());
    }

    /** @param begins of the log that was read */
    private int ask(ExplainBody body, Optional<Instant> begins) {
        return service.post(surroundings(), "/v1/explain", body)
                .show(ExplainAnswer.class, answer -> answer.of(begins), this::print, _ -> ExitCode.DONE);
    }

    private void print(ExplainAnswer answer) {
        ExplanationText text = new ExplanationText(terminal());
        for (Explanation explanation : answer.explanations()) {
            text.print(explanation);
        }
        if (answer.unreadable() > 0) {
            terminal().complain(answer.unreadable() + " lines with a denial cannot be read, and are left out");
        }
        if (answer.leftOut() > 0) {
            terminal().complain(answer.leftOut() + " older denials are left out");
        }
    }
}
