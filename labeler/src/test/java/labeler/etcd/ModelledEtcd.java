package labeler.etcd;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import labeler.json.Json;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonObject;
import labeler.json.Json.ObjectBuilder;

/**
 * The part of etcd that the registry asks, in memory: for more hosts than real members can serve on one machine. It does one
 * transaction at a time, and no lease ends. {@code ModelledEtcdTest} compares it with a real one.
 */
public final class ModelledEtcd implements Members {
    private final NavigableMap<String, Stored> keys = new TreeMap<>();

    /** A store begins with one. */
    private long revision = 1;

    private long leases;

    private record Stored(String value, long created, long changed) {}

    @Override
    public synchronized Reply ask(String path, Json question) {
        JsonObject asked = (JsonObject) question;
        return switch (path) {
            case "/v3/kv/txn" -> transaction(asked);
            case "/v3/lease/grant" ->
                new Answered(header(revision).put("ID", Long.toString(++leases)).build());
            default -> new Rejected("no such path: " + path);
        };
    }

    private static ObjectBuilder header(long revision) {
        Json header = Json.object()
                .put("cluster_id", "1")
                .put("revision", Long.toString(revision))
                .build();
        return Json.object().put("header", header);
    }

    private Reply transaction(JsonObject asked) {
        Optional<String> wrong = wrong(asked, new Touched());
        if (wrong.isPresent()) {
            return new Rejected(wrong.get());
        }
        List<Boolean> branches = new ArrayList<>();
        choose(asked, branches);
        Changes changes = new Changes(branches.iterator());
        Answered answer = new Answered(changes.apply(asked, header(0)));
        revision += changes.areThere ? 1 : 0;
        return new Answered(with(answer.json(), header(revision)));
    }

    private static JsonObject with(JsonObject answer, ObjectBuilder header) {
        answer.members().forEach((name, value) -> {
            if (!name.equals("header")) {
                header.put(name, value);
            }
        });
        return header.build();
    }

    private static List<JsonObject> branch(JsonObject transaction, boolean isSuccess) {
        return transaction.objects(isSuccess ? "success" : "failure");
    }

    /** The keys that a list of operations would put and delete, those of nested transactions as well. */
    private record Touched(Set<String> put, Set<String> deleted) {
        Touched() {
            this(new HashSet<>(), new HashSet<>());
        }

        void add(Touched more) {
            put.addAll(more.put);
            deleted.addAll(more.deleted);
        }

        /** Whether it puts what is touched already. Etcd lets a nested transaction delete what one before it puts. */
        boolean isPutTwice(Touched more) {
            return more.put.stream().anyMatch(key -> put.contains(key) || deleted.contains(key));
        }
    }

    /** One list may not put a key twice, or delete and put it. The two lists of a transaction may have the same key. */
    private Optional<String> wrong(JsonObject transaction, Touched both) {
        for (boolean isSuccess : new boolean[] {true, false}) {
            List<JsonObject> operations = branch(transaction, isSuccess);
            Touched touched = new Touched();
            Optional<String> wrong = operations.size() > Transaction.MOST_OPERATIONS
                    ? Optional.of("too many operations in txn request")
                    : wrong(operations, touched);
            if (wrong.isPresent()) {
                return wrong;
            }
            both.add(touched);
        }
        return Optional.empty();
    }

    /** In etcd's order: what is deleted, what is nested, what is put. */
    private Optional<String> wrong(List<JsonObject> operations, Touched touched) {
        all(operations, "request_delete_range")
                .forEach(asked -> touched.deleted().add(decoded(asked, "key")));
        for (JsonObject nested : all(operations, "request_txn")) {
            Touched inside = new Touched();
            Optional<String> wrong = wrong(nested, inside).or(() -> added(touched, inside));
            if (wrong.isPresent()) {
                return wrong;
            }
        }
        return all(operations, "request_put").stream()
                .flatMap(asked -> wrongPut(asked, touched).stream())
                .findFirst();
    }

    private Optional<String> wrongPut(JsonObject asked, Touched touched) {
        Touched key = new Touched(Set.of(decoded(asked, "key")), Set.of());
        return asked.text("lease").filter(id -> Long.parseLong(id) > leases).isPresent()
                ? Optional.of("requested lease not found")
                : added(touched, key);
    }

    private static Optional<String> added(Touched touched, Touched more) {
        boolean isTwice = touched.isPutTwice(more);
        touched.add(more);
        return isTwice ? Optional.of("duplicate key given in txn request") : Optional.empty();
    }

    private static List<JsonObject> all(List<JsonObject> operations, String name) {
        return operations.stream()
                .flatMap(operation -> member(operation, name).stream())
                .toList();
    }

    /** All comparisons are made before anything changes, those of nested transactions as well. */
    private void choose(JsonObject transaction, List<Boolean> branches) {
        boolean isSuccess = transaction.objects("compare").stream().allMatch(this::holds);
        branches.add(isSuccess);
        for (JsonObject operation : branch(transaction, isSuccess)) {
            member(operation, "request_txn").ifPresent(nested -> choose(nested, branches));
        }
    }

    private boolean holds(JsonObject compare) {
        String key = decoded(compare, "key");
        List<Stored> compared = compare.text("range_end").isPresent()
                ? List.copyOf(range(compare).values())
                : Optional.ofNullable(keys.get(key)).stream().toList();
        return switch (compare.text("target").orElseThrow()) {
            case "CREATE" ->
                compared.stream().allMatch(one -> one.created() == number(compare, "create_revision"))
                        && (!compared.isEmpty() || number(compare, "create_revision") == 0);
            case "MOD" ->
                compared.stream().allMatch(one -> one.changed() == number(compare, "mod_revision"))
                        && (!compared.isEmpty() || number(compare, "mod_revision") == 0);
            // A key without a value has no value at all.
            case "VALUE" ->
                !compared.isEmpty()
                        && compared.stream().allMatch(one -> one.value().equals(decoded(compare, "value")));
            default -> throw new IllegalArgumentException(compare.toString());
        };
    }

    private NavigableMap<String, Stored> range(JsonObject asked) {
        String from = decoded(asked, "key");
        return asked.text("range_end").isPresent()
                ? keys.subMap(from, true, decoded(asked, "range_end"), false)
                : keys.subMap(from, true, from, true);
    }

    /** The changes of one transaction, which have one revision. */
    private final class Changes {
        private final Iterator<Boolean> branches;
        private boolean areThere;

        Changes(Iterator<Boolean> branches) {
            this.branches = branches;
        }

        JsonObject apply(JsonObject transaction, ObjectBuilder answer) {
            boolean isSuccess = branches.next();
            if (isSuccess) {
                answer.put("succeeded", Json.of(true));
            }
            List<JsonObject> responses =
                    branch(transaction, isSuccess).stream().map(this::operation).toList();
            return answer.put("responses", responses).build();
        }

        private JsonObject operation(JsonObject operation) {
            Optional<JsonObject> put = member(operation, "request_put");
            Optional<JsonObject> deletion = member(operation, "request_delete_range");
            Optional<JsonObject> reading = member(operation, "request_range");
            put.ifPresent(this::put);
            deletion.ifPresent(asked -> areThere |= keys.remove(decoded(asked, "key")) != null);
            return put.or(() -> deletion).isPresent()
                    ? Json.object().build()
                    : reading.map(asked -> response("response_range", read(asked)))
                            .orElseGet(() -> response(
                                    "response_txn",
                                    apply(member(operation, "request_txn").orElseThrow(), Json.object())));
        }

        private void put(JsonObject asked) {
            String key = decoded(asked, "key");
            Stored before = keys.get(key);
            long now = revision + 1;
            keys.put(key, new Stored(decoded(asked, "value"), before == null ? now : before.created(), now));
            areThere = true;
        }

        private JsonObject read(JsonObject asked) {
            boolean isNames = asked.get("keys_only").equals(Optional.of(new JsonBoolean(true)));
            List<JsonObject> found = new ArrayList<>();
            range(asked).forEach((key, stored) -> {
                ObjectBuilder pair = Json.object()
                        .put("key", encoded(key))
                        .put("create_revision", Long.toString(stored.created()))
                        .put("mod_revision", Long.toString(stored.changed()));
                found.add((isNames ? pair : pair.put("value", encoded(stored.value()))).build());
            });
            return Json.object().put("kvs", found).build();
        }
    }

    private static JsonObject response(String name, JsonObject response) {
        return Json.object().put(name, response).build();
    }

    private static Optional<JsonObject> member(JsonObject object, String name) {
        return object.get(name).map(JsonObject.class::cast);
    }

    private static long number(JsonObject object, String name) {
        return Long.parseLong(object.text(name).orElseThrow());
    }

    private static String decoded(JsonObject object, String name) {
        return new String(Base64.getDecoder().decode(object.text(name).orElseThrow()), StandardCharsets.UTF_8);
    }

    private static String encoded(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** All hosts share it. */
    @Override
    public void close() {}
}
