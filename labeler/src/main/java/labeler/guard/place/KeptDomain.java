package labeler.guard.place;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.linux.Pid;
import labeler.linux.ProcessIdentity;

/** A guarded domain of libvirt's, as a file in the directory of its monitor says it to the next service. */
record KeptDomain(DomainTraits traits, ProcessIdentity process) {
    private static final String NAME = "domain";
    private static final String WHOLE = "whole";
    private static final String LIBVIRT_LABELS = "libvirt-labels";
    private static final String PID = "pid";
    private static final String START_TIME = "start-time";

    void write(Path directory) throws IOException {
        Json json = Json.object()
                .put(WHOLE, traits.isWhole())
                .put(LIBVIRT_LABELS, traits.isLabelledByLibvirt())
                .put(PID, process.pid().value())
                .put(START_TIME, process.startTime())
                .build();
        Files.write(directory.resolve(NAME), JsonWriter.compact(json).getBytes(StandardCharsets.UTF_8));
    }

    /** Empty if there is none. */
    static Optional<KeptDomain> read(Path directory) throws IOException {
        Path file = directory.resolve(NAME);
        if (!Files.exists(file)
                || !(new JsonReader().read(Files.readAllBytes(file)) instanceof JsonReader.Value(JsonObject json))) {
            return Optional.empty();
        }
        Optional<Pid> pid = json.number(PID)
                .filter(number -> number > 0 && number <= Integer.MAX_VALUE)
                .map(number -> new Pid(number.intValue()));
        Optional<Long> startTime = json.number(START_TIME);
        return pid.isPresent() && startTime.isPresent()
                ? Optional.of(new KeptDomain(
                        new DomainTraits(isSet(json, WHOLE), isSet(json, LIBVIRT_LABELS)),
                        new ProcessIdentity(pid.get(), startTime.get())))
                : Optional.empty();
    }

    private static boolean isSet(JsonObject json, String name) {
        return json.get(name).equals(Optional.of(new JsonBoolean(true)));
    }
}
