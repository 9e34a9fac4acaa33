package labeler.etcd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;

/**
 * A transaction of etcd's: if all comparisons hold, the first list of operations, otherwise the second. Written as its
 * JSON gateway takes it (etcd 3.5, rpc.proto: TxnRequest).
 */
public record Transaction(List<Compare> compares, List<Operation> then, List<Operation> otherwise) {
    /** More than that in one list, and etcd refuses the transaction (--max-txn-ops). */
    public static final int MOST_OPERATIONS = 128;

    public Transaction {
        compares = List.copyOf(compares);
        then = List.copyOf(then);
        otherwise = List.copyOf(otherwise);
    }

    /** Only reads. */
    public static Transaction reading(List<Operation> operations) {
        return new Transaction(List.of(), operations, List.of());
    }

    /** A comparison. */
    public sealed interface Compare {}

    /** There is no such key. */
    public record Absent(String key) implements Compare {}

    /** There is no key in the range: a comparison of a range holds if it holds for each key, and for none. */
    public record NoneIn(KeyRange range) implements Compare {}

    /** The key was not written since. */
    public record Unchanged(String key, long revision) implements Compare {}

    /** The key has this value. */
    public record HasValue(String key, String value) implements Compare {}

    /** An operation. */
    public sealed interface Operation {}

    public record Put(String key, String value, Optional<String> lease) implements Operation {
        public static Put of(String key, String value) {
            return new Put(key, value, Optional.empty());
        }
    }

    public record Delete(String key) implements Operation {}

    public record Read(String key) implements Operation {}

    public record ReadAll(KeyRange range) implements Operation {}

    /** The names of keys, without their values. */
    public record ReadKeys(KeyRange range) implements Operation {}

    public record Nested(Transaction transaction) implements Operation {}

    public JsonObject json() {
        return Json.object()
                .put("compare", compares.stream().map(Transaction::json).toList())
                .put("success", then.stream().map(Transaction::json).toList())
                .put("failure", otherwise.stream().map(Transaction::json).toList())
                .build();
    }

    private static Json json(Compare compare) {
        ObjectBuilder json = Json.object().put("result", "EQUAL");
        switch (compare) {
            case Absent(String key) ->
                json.put("target", "CREATE").put("key", base64(key)).put("create_revision", "0");
            case NoneIn(KeyRange range) ->
                range(json, range).put("target", "CREATE").put("create_revision", "0");
            case Unchanged(String key, long revision) ->
                json.put("target", "MOD").put("key", base64(key)).put("mod_revision", Long.toString(revision));
            case HasValue(String key, String value) ->
                json.put("target", "VALUE").put("key", base64(key)).put("value", base64(value));
        }
        return json.build();
    }

    private static Json json(Operation operation) {
        return switch (operation) {
            case Put(String key, String value, Optional<String> lease) -> {
                ObjectBuilder put = Json.object().put("key", base64(key)).put("value", base64(value));
                lease.ifPresent(id -> put.put("lease", id));
                yield inside("request_put", put);
            }
            case Delete(String key) ->
                inside("request_delete_range", Json.object().put("key", base64(key)));
            case Read(String key) -> inside("request_range", Json.object().put("key", base64(key)));
            case ReadAll(KeyRange range) -> inside("request_range", range(Json.object(), range));
            case ReadKeys(KeyRange range) ->
                inside("request_range", range(Json.object(), range).put("keys_only", true));
            case Nested(Transaction transaction) ->
                Json.object().put("request_txn", transaction.json()).build();
        };
    }

    private static Json inside(String name, ObjectBuilder request) {
        return Json.object().put(name, request.build()).build();
    }

    private static ObjectBuilder range(ObjectBuilder json, KeyRange range) {
        return json.put("key", base64(range.from())).put("range_end", base64(range.to()));
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Builds a transaction part by part. */
    public static final class Builder {
        private final List<Compare> compares = new ArrayList<>();
        private final List<Operation> then = new ArrayList<>();
        private final List<Operation> otherwise = new ArrayList<>();

        public Builder when(Compare compare) {
            compares.add(compare);
            return this;
        }

        public Builder then(Operation operation) {
            then.add(operation);
            return this;
        }

        public Builder otherwise(Operation operation) {
            otherwise.add(operation);
            return this;
        }

        public Transaction build() {
            return new Transaction(compares, then, otherwise);
        }
    }
}
