package labeler.api;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import labeler.api.StartBody.CommandLine;
import labeler.api.StartBody.DomainXml;
import labeler.api.StartBody.Source;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonBytes;
import labeler.json.JsonReader;
import labeler.lifecycle.StartRequest;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.selinux.Level;
import labeler.vm.VmName;

/** Reads the body of a start or a plan from whoever sent it. Not for reuse: one for each body. */
public final class StartBodyReader {
    /** What came of reading. */
    public sealed interface Result {}

    public record Body(StartBody body) implements Result {}

    /**
     * Not a body of this kind.
     *
     * @param message one line
     */
    public record Unusable(String message) implements Result {}

    /** An argument is one of them: no command line that the kernel takes (2 MiB) and qemu understands has as many. */
    private static final int MOST_TOKENS = 200_000;

    private final JsonObject body;
    private final List<String> errors = new ArrayList<>();
    private final TreeSet<String> unknown;

    private StartBodyReader(JsonObject body) {
        this.body = body;
        this.unknown = new TreeSet<>(body.members().keySet());
    }

    public static Result read(byte[] utf8) {
        return switch (new JsonReader(MOST_TOKENS).read(utf8)) {
            case JsonReader.NotJson(String message) -> new Unusable("the body is not JSON: " + message);
            case JsonReader.Value(JsonObject object) -> new StartBodyReader(object).read();
            case JsonReader.Value(Json other) ->
                new Unusable("the body must be a JSON object, and is "
                        + other.getClass().getSimpleName());
        };
    }

    private Result read() {
        Optional<VmName> name = member("name", text(VmName::parse), "a VM's name");
        Optional<Level> level = member("level", text(Level::parse), "a level with two categories: s0:c1,c2");
        Optional<Pid> pid = member("pid", StartBodyReader::pid, "a process id");
        Optional<StartRequest.Launch> launch =
                member("launch", text(StartBodyReader::launch), "\"run\" or \"elsewhere\"");
        Optional<byte[]> xml = bytes("domainXml");
        Optional<List<byte[]>> argv = either(
                member("argv", value -> list(value, StartBodyReader::utf8), "a list of strings without NUL"),
                member("argvBase64", value -> list(value, StartBodyReader::base64), "a list of strings in base64"));
        Optional<HostPath> directory = bytes("workingDirectory").flatMap(HostPath::parse);
        for (String member : unknown) {
            errors.add("unknown member \"" + printable(member) + "\"");
        }
        Optional<Source> source = source(xml, argv, directory);
        if (!errors.isEmpty() || source.isEmpty()) {
            return new Unusable("the body: " + errors.getFirst());
        }
        return new Body(new StartBody(source.get(), name, level, pid, launch.orElse(StartRequest.Launch.ELSEWHERE)));
    }

    /** Adds an error where it is empty. */
    private Optional<Source> source(Optional<byte[]> xml, Optional<List<byte[]>> argv, Optional<HostPath> directory) {
        if (xml.isPresent() == argv.isPresent()) {
            errors.add("exactly one of \"domainXml\" and \"argv\" must be there");
            return Optional.empty();
        }
        if (xml.isPresent()) {
            return Optional.of(new DomainXml(xml.get()));
        }
        if (argv.orElseThrow().isEmpty()) {
            errors.add("\"argv\" must begin with the program's name");
            return Optional.empty();
        }
        if (directory.filter(HostPath::isAbsolute).isEmpty()) {
            errors.add("\"workingDirectory\" must be there beside \"argv\", and absolute");
            return Optional.empty();
        }
        return Optional.of(new CommandLine(argv.get(), directory.get()));
    }

    private Optional<byte[]> bytes(String name) {
        return either(
                member(name, StartBodyReader::utf8, "a string without NUL"),
                member(name + "Base64", StartBodyReader::base64, "a string in base64"));
    }

    private <T> Optional<T> either(Optional<T> plain, Optional<T> encoded) {
        if (plain.isPresent() && encoded.isPresent()) {
            errors.add("the same thing is there twice, plain and in base64");
        }
        return plain.or(() -> encoded);
    }

    private <T> Optional<T> member(String name, Function<Json, Optional<T>> parser, String expected) {
        unknown.remove(name);
        Optional<Json> value = body.get(name).filter(json -> !(json instanceof JsonNull));
        Optional<T> parsed = value.flatMap(parser);
        if (value.isPresent() && parsed.isEmpty()) {
            errors.add("\"" + name + "\" must be " + expected);
        }
        return parsed;
    }

    private static <T> Function<Json, Optional<T>> text(Function<String, Optional<T>> parser) {
        return value -> value instanceof JsonString(String string) ? parser.apply(string) : Optional.empty();
    }

    private static Optional<StartRequest.Launch> launch(String word) {
        return switch (word) {
            case "run" -> Optional.of(StartRequest.Launch.RUN);
            case "elsewhere" -> Optional.of(StartRequest.Launch.ELSEWHERE);
            default -> Optional.empty();
        };
    }

    private static Optional<Pid> pid(Json value) {
        return value instanceof JsonInteger(long number) && number >= 1 && number <= Pid.MAXIMUM
                ? Optional.of(new Pid((int) number))
                : Optional.empty();
    }

    private static Optional<List<byte[]>> list(Json value, Function<Json, Optional<byte[]>> parser) {
        if (!(value instanceof JsonArray(List<Json> elements))) {
            return Optional.empty();
        }
        List<byte[]> parsed =
                elements.stream().map(parser).flatMap(Optional::stream).toList();
        return parsed.size() == elements.size() ? Optional.of(parsed) : Optional.empty();
    }

    private static Optional<byte[]> utf8(Json value) {
        return value instanceof JsonString(String string) && string.indexOf(0) < 0
                ? Optional.of(string.getBytes(StandardCharsets.UTF_8))
                : Optional.empty();
    }

    private static Optional<byte[]> base64(Json value) {
        return value instanceof JsonString(String string) ? JsonBytes.decoded(string) : Optional.empty();
    }

    /** A name that somebody made up, fit for a message of one line. */
    private static String printable(String text) {
        return HostPath.parse(text.getBytes(StandardCharsets.UTF_8))
                .map(HostPath::printable)
                .orElse("");
    }
}
