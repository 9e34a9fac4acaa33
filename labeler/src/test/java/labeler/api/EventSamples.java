package labeler.api;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import labeler.guard.record.AuditClient;
import labeler.guard.record.AuditCommand;
import labeler.guard.record.AuditDenial;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.record.AuditFile;
import labeler.guard.record.AuditLine;
import labeler.guard.record.HoldChange;
import labeler.guard.record.Result;
import labeler.linux.Pid;
import labeler.registry.HostName;
import labeler.vm.UseAccess;

/** Events with each member at least once. */
public final class EventSamples {
    private EventSamples() {}

    static EventsAnswer events() {
        AuditEntry bare = AuditEntry.of(AuditEvent.SERVICE_STARTED);
        AuditEntry full = new AuditEntry(
                        AuditEvent.COMMAND,
                        Optional.of(Samples.WEB),
                        Optional.of(new AuditClient(new Pid(4711), 107, Optional.of(Samples.PROCESS.toString()))),
                        Optional.of(new AuditCommand(12, "block-commit")),
                        List.of(new AuditFile(Samples.LATIN, UseAccess.READ_WRITE, "base of job j")),
                        new Result(Optional.empty(), Optional.empty(), Optional.empty(), Optional.of(3L)),
                        List.of(new HoldChange(HoldChange.Change.TAKEN, Samples.ODD, UseAccess.CREATE, "job j")),
                        Optional.empty(),
                        List.of())
                .refused("S9", "the rule, and the \"way\" out");
        Instant time = Instant.parse("2026-11-27T07:44:55.123456Z");
        return new EventsAnswer(List.of(new AuditLine(1, time, bare), new AuditLine(2, time, full)), "1.345", true, 1);
    }

    static AuditEntry denied() {
        return AuditEntry.of(AuditEvent.DENIED, Samples.WEB)
                .denied(new AuditDenial("trickery", Optional.of(Samples.LATIN), 2, List.of("Do it.")))
                .saying("One. Two.");
    }

    public static AuditEntry heldElsewhere() {
        return AuditEntry.of(AuditEvent.HELD_ELSEWHERE, Samples.WEB)
                .files(List.of(new AuditFile(Samples.LATIN, UseAccess.READ_ONLY, "held here by web")))
                .hosts(List.of(new HostName("beta"), new HostName("gamma")));
    }
}
