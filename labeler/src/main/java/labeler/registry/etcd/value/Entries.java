package labeler.registry.etcd.value;

import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import labeler.etcd.Result;
import labeler.json.Json;
import labeler.json.JsonReader;
import labeler.json.JsonWriter;
import labeler.json.RecordJson;
import labeler.linux.FileHandle;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.Refusal;
import labeler.registry.SharedFile;
import labeler.selinux.CategoryPair;
import labeler.selinux.Level;
import labeler.selinux.StoredLabel;
import labeler.vm.VmName;

/** Values as JSON. A later version may add members; this one ignores them. */
public final class Entries {
    private final JsonReader reader = new JsonReader();
    private final RecordJson json = new RecordJson()
            .text(ClaimId.class, ClaimId::value, text -> Optional.of(new ClaimId(text)), "a claim")
            .text(HostName.class, HostName::value, HostName::parse, "a host's name")
            .text(VmName.class, VmName::value, VmName::parse, "a VM's name")
            .text(SharedFile.class, SharedFile::text, SharedFile::parse, "a storage and a handle")
            .text(CategoryPair.class, CategoryPair::toString, Entries::pair, "a category pair")
            .text(FileHandle.class, FileHandle::hexadecimal, FileHandle::ofHexadecimal, "a file handle in hexadecimal")
            .text(UUID.class, UUID::toString, Entries::uuid, "a UUID")
            .text(StoredLabel.class, Entries::base64, Entries::label, "a label in base64");

    public String write(Record entry) {
        return JsonWriter.compact(json.write(entry));
    }

    /** The entry at a key. */
    public <T extends Record> T read(Class<T> type, String key, Result.Value value) throws RefusedException {
        return switch (reader.read(value.text())) {
            case JsonReader.NotJson(String why) -> throw new RefusedException(new Refusal.NotUnderstood(key, why));
            case JsonReader.Value(Json text) ->
                switch (json.read(type, text, false)) {
                    case RecordJson.Understood<T>(T entry) -> entry;
                    case RecordJson.NotUnderstood<T>(String why) ->
                        throw new RefusedException(new Refusal.NotUnderstood(key, why));
                };
        };
    }

    /** The entry at a key of an answer; empty if there is none. */
    public <T extends Record> Optional<T> read(Class<T> type, String key, Result result) throws RefusedException {
        Optional<Result.Value> value = result.value(key);
        return value.isPresent() ? Optional.of(read(type, key, value.get())) : Optional.empty();
    }

    private static Optional<CategoryPair> pair(String text) {
        return Level.parse("s0:" + text).map(Level::pair);
    }

    private static Optional<UUID> uuid(String text) {
        try {
            return Optional.of(UUID.fromString(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** All bytes, and so also a label that is no text. */
    private static String base64(StoredLabel label) {
        return Base64.getEncoder().encodeToString(label.bytes());
    }

    private static Optional<StoredLabel> label(String base64) {
        try {
            return Optional.of(StoredLabel.of(Base64.getDecoder().decode(base64)));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
