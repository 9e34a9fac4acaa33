package labeler.api;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Optional;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.guard.record.AuditTime;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.JsonLists;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Result;
import labeler.json.RecordJson.Understood;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.Timestamp;
import labeler.problem.Problem;
import labeler.registry.HostName;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.VmName;

/** Requests and answers as JSON. Every type that they are made of is named here, with its form. */
public final class ApiJson {
    /** One argument is one token. No command line that the kernel takes (2 MiB) and qemu understands has as many. */
    private static final int MOST_TOKENS = 200_000;

    /** The first characters of a stored label that is no context. */
    private static final String HEXADECIMAL = "0x";

    private static final RecordJson RECORDS = types();

    private ApiJson() {}

    private static RecordJson types() {
        return new RecordJson()
                .bytes(HostPath.class, HostPath::bytes, HostPath::parse, HostPath::printable, "a path")
                .bytes(
                        Path.class,
                        path -> HostPath.of(path).bytes(),
                        bytes -> HostPath.parse(bytes).map(HostPath::jdkPath),
                        path -> HostPath.of(path).printable(),
                        "a path")
                .bytes(
                        FileName.class,
                        FileName::bytes,
                        bytes -> Optional.of(FileName.of(bytes)),
                        FileName::printable,
                        "the name of a file")
                .text(VmName.class, VmName::value, VmName::parse, "a VM's name")
                .text(HostName.class, HostName::value, HostName::parse, "a host's name")
                .text(Level.class, Level::toString, Level::parse, "a level with two categories: s0:c1,c2")
                .text(SecurityContext.class, SecurityContext::toString, SecurityContext::parse, "a security context")
                .text(StoredLabel.class, StoredLabel::printable, ApiJson::label, "a label")
                .text(Instant.class, AuditTime::text, AuditTime::parse, "a time: 2026-11-27T07:44:55.123Z")
                .text(Origin.class, Origin::text, text -> Optional.of(new Origin(text)), "text")
                .text(
                        ImageFormat.class,
                        ImageFormat::driver,
                        ImageFormat::ofDriver,
                        "a format of images that qemu opens")
                .number(Pid.class, pid -> (long) pid.value(), ApiJson::pid, "a process id")
                .words(FileRole.class, FileRole::word)
                .words(Problem.Kind.class, Problem.Kind::name)
                // Only the service uses the birth time of a file.
                .without(Timestamp.class);
    }

    public static JsonObject write(Record value) {
        return RECORDS.write(value);
    }

    /** The lists of a record that has nothing else. */
    public static JsonLists lists(Record value) {
        return RECORDS.lists(value);
    }

    /** A request's body, to send. */
    public static byte[] body(Record value) {
        return JsonWriter.compact(write(value)).getBytes(StandardCharsets.UTF_8);
    }

    /** A request's body, as received. */
    public static <T extends Record> Result<T> readBody(Class<T> type, byte[] utf8) {
        return switch (new JsonReader(MOST_TOKENS).read(utf8)) {
            case JsonReader.NotJson(String message) -> new NotUnderstood<>("the body is not JSON: " + message);
            case JsonReader.Value(Json json) ->
                switch (RECORDS.read(type, json, true)) {
                    case Understood<T> understood -> understood;
                    case NotUnderstood<T>(String message) -> new NotUnderstood<>("the body: " + message);
                };
        };
    }

    /** An answer, or an element of one. */
    public static <T extends Record> Result<T> readAnswer(Class<T> type, Json json) {
        return RECORDS.read(type, json, false);
    }

    private static Optional<Pid> pid(long number) {
        return number >= 1 && number <= Pid.MAXIMUM ? Optional.of(new Pid((int) number)) : Optional.empty();
    }

    private static Optional<StoredLabel> label(String printable) {
        if (!printable.startsWith(HEXADECIMAL)) {
            return SecurityContext.parse(printable).map(StoredLabel::of);
        }
        try {
            return Optional.of(StoredLabel.of(HexFormat.of().parseHex(printable.substring(HEXADECIMAL.length()))));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
