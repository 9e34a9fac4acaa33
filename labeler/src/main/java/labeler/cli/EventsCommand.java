package labeler.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.api.ApiJson;
import labeler.api.EventsAnswer;
import labeler.api.ExitCode;
import labeler.cli.option.Converters;
import labeler.client.PercentEncoding;
import labeler.guard.record.AuditLine;
import labeler.guard.record.AuditTime;
import labeler.view.EventText;
import labeler.vm.VmName;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
        name = "events",
        description = {
            "Shows what happened: commands at guarded monitors and the result of each, VMs that started and ended,"
                    + " refusals, jobs, labels.",
            "Each event is one line, the oldest first; with --json one object a line."
        },
        exitCodeList = {"0:shown", "1:failed", "2:usage", "5:no service, or not permitted"})
final class EventsCommand extends AbstractCommand implements Callable<Integer> {
    /** The usual question is about one day. The whole log has some 400,000 lines. */
    private static final int DEFAULT_DAYS = 1;

    @Mixin
    private final ServiceOptions service = new ServiceOptions();

    @Option(
            names = "--follow",
            description = "Go on with what happens, until interrupted; without --since from now on.")
    private boolean follow;

    @Option(
            names = "--since",
            paramLabel = "T",
            converter = Converters.OfPastTime.class,
            description = "Begin at this time: 10m, 2h, 3d ago, or 2026-11-27T07:44:55Z; 1d by default.")
    private @Nullable Instant since;

    @Parameters(
            arity = "0..1",
            paramLabel = "NAME",
            converter = Converters.OfVmName.class,
            description = "Only events of this VM.")
    private @Nullable VmName name;

    /** Where the last answer ended. */
    private Optional<String> next = Optional.empty();

    private boolean more = true;

    @Override
    public Integer call() throws IOException {
        Optional<Instant> begin = Optional.ofNullable(since)
                .or(() -> follow ? Optional.empty() : Optional.of(Instant.now().minus(DEFAULT_DAYS, ChronoUnit.DAYS)));
        if (begin.isEmpty()) {
            next = Optional.of(EventsAnswer.NOW);
        }
        while (more || follow) {
            int exitCode = service.get(surroundings(), path(begin)).inWords().show(EventsAnswer.class, this::print);
            if (exitCode != ExitCode.DONE) {
                return exitCode;
            }
            if (terminal().unwritten().isPresent() || (follow && host().awaitReadersEnd(Duration.ZERO))) {
                // Nobody sees what else may come.
                break;
            }
        }
        return ExitCode.DONE;
    }

    private String path(Optional<Instant> begin) {
        return "/v1/events?wait=" + (follow && !more)
                + next.map(place -> "&after=" + PercentEncoding.encode(place)).orElse("")
                + begin.map(time -> "&since=" + PercentEncoding.encode(AuditTime.text(time)))
                        .orElse("")
                + Optional.ofNullable(name)
                        .map(vm -> "&vm=" + PercentEncoding.encode(vm.value()))
                        .orElse("");
    }

    private void print(EventsAnswer answer) {
        EventText text = new EventText(terminal());
        for (AuditLine line : answer.events()) {
            if (service.form().isForPeople()) {
                text.print(line);
            } else {
                service.form().printOne(terminal(), ApiJson.write(line));
            }
        }
        if (answer.damaged() > 0) {
            terminal().complain(answer.damaged() + " lines of the audit log cannot be read, and are left out");
        }
        next = Optional.of(answer.next());
        more = answer.more();
    }
}
