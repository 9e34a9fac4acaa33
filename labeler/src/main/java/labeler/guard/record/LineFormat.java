package labeler.guard.record;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Optional;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.registry.HostName;
import labeler.vm.VmName;

/** A line of the log as bytes: JSON, and a line feed. */
final class LineFormat {
    private static final RecordJson RECORDS = new RecordJson()
            .bytes(HostPath.class, HostPath::bytes, HostPath::parse, HostPath::printable, "a path")
            .text(VmName.class, VmName::value, VmName::parse, "a VM's name")
            .text(HostName.class, HostName::value, HostName::parse, "a host's name")
            .text(Instant.class, AuditTime::text, AuditTime::parse, "a time")
            .number(Pid.class, pid -> (long) pid.value(), LineFormat::pid, "a process id");

    private LineFormat() {}

    private static Optional<Pid> pid(long number) {
        return number >= 1 && number <= Pid.MAXIMUM ? Optional.of(new Pid((int) number)) : Optional.empty();
    }

    static byte[] bytes(AuditLine line) {
        return (JsonWriter.compact(RECORDS.write(line)) + "\n").getBytes(StandardCharsets.UTF_8);
    }

    /** The line; empty if it is damaged. A member that this version does not know is ignored. */
    static Optional<AuditLine> read(byte[] bytes) {
        if (!(new JsonReader().read(bytes) instanceof JsonReader.Value(var json))) {
            return Optional.empty();
        }
        return switch (RECORDS.read(AuditLine.class, json, false)) {
            case Understood<AuditLine>(AuditLine line) -> Optional.of(line);
            case NotUnderstood<AuditLine> _ -> Optional.empty();
        };
    }
}
