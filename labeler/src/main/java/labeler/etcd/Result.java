package labeler.etcd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/**
 * The answer to a transaction.
 *
 * @param cluster etcd's id of the cluster
 * @param revision of the whole store when it was answered
 * @param values of all keys that were read, nested transactions included; a key without a value is missing
 */
public record Result(String cluster, long revision, boolean isSucceeded, Map<String, Value> values) {
    public Result {
        values = Map.copyOf(values);
    }

    /**
     * A value.
     *
     * @param revision of its last change
     */
    public record Value(String text, long revision) {}

    public Optional<Value> value(String key) {
        return Optional.ofNullable(values.get(key));
    }

    /** The keys of all ranges that were asked for. */
    public Set<String> keys() {
        return values.keySet();
    }

    /** The keys of a range in their order. */
    public List<String> keys(KeyRange range) {
        return values.keySet().stream()
                .filter(key -> key.compareTo(range.from()) >= 0 && key.compareTo(range.to()) < 0)
                .sorted()
                .toList();
    }

    /** Empty if it is no answer of etcd's. */
    public static Optional<Result> of(JsonObject answer) {
        Optional<JsonObject> header = member(answer, "header");
        Optional<String> cluster = header.flatMap(one -> one.text("cluster_id"));
        Optional<Long> revision = header.flatMap(one -> number(one, "revision"));
        Map<String, Value> values = new HashMap<>();
        return cluster.isPresent() && revision.isPresent() && read(answer, values)
                ? Optional.of(new Result(cluster.get(), revision.get(), isSucceeded(answer), values))
                : Optional.empty();
    }

    /** The gateway leaves out what is false. */
    private static boolean isSucceeded(JsonObject answer) {
        return answer.get("succeeded").equals(Optional.of(Json.of(true)));
    }

    private static boolean read(JsonObject answer, Map<String, Value> values) {
        List<JsonObject> pending = new ArrayList<>(answer.objects("responses"));
        while (!pending.isEmpty()) {
            JsonObject response = pending.removeLast();
            member(response, "response_txn").ifPresent(nested -> pending.addAll(nested.objects("responses")));
            for (JsonObject pair : member(response, "response_range")
                    .map(range -> range.objects("kvs"))
                    .orElseGet(List::of)) {
                Optional<String> key = pair.text("key").flatMap(Result::decoded);
                Optional<String> value =
                        Optional.of(pair.text("value").orElse("")).flatMap(Result::decoded);
                Optional<Long> revision = number(pair, "mod_revision");
                if (key.isEmpty() || value.isEmpty() || revision.isEmpty()) {
                    return false;
                }
                values.put(key.get(), new Value(value.get(), revision.get()));
            }
        }
        return true;
    }

    private static Optional<JsonObject> member(JsonObject object, String name) {
        return object.get(name)
                .flatMap(json -> json instanceof JsonObject member ? Optional.of(member) : Optional.empty());
    }

    /** The gateway writes 64-bit numbers as text. */
    static Optional<Long> number(JsonObject object, String name) {
        try {
            return object.text(name).map(Long::parseLong);
        } catch (NumberFormatException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> decoded(String base64) {
        try {
            return Optional.of(new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
