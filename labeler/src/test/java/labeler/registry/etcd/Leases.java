package labeler.registry.etcd;

import static org.assertj.core.api.Assertions.fail;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.function.Predicate;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.json.Json;
import labeler.json.Json.JsonObject;

/** The leases of a real etcd, and the keys of one registry in it. Names of keys are told without the registry's prefix. */
final class Leases implements AutoCloseable {
    private final Gateway members;
    private final String prefix;

    Leases(TestCluster cluster) throws IOException {
        this.members = Gateway.to(cluster.settings());
        this.prefix = cluster.keys().prefix();
    }

    /** Ends every lease at once, as time would. */
    void end() {
        List<JsonObject> leases = ask("/v3/lease/leases", Json.object().build()).objects("leases");
        if (leases.isEmpty()) {
            fail("etcd has no lease");
        }
        for (JsonObject lease : leases) {
            String id = lease.text("ID").orElseThrow();
            JsonObject _ = ask("/v3/lease/revoke", Json.object().put("ID", id).build());
        }
    }

    /** All keys, in their order. */
    List<String> keys() {
        return keys(_ -> true);
    }

    List<String> keysWithLease() {
        return keys(pair -> pair.text("lease").filter(id -> !id.equals("0")).isPresent());
    }

    private List<String> keys(Predicate<JsonObject> filter) {
        KeyRange range = KeyRange.below(prefix);
        JsonObject question = Json.object()
                .put("key", base64(range.from()))
                .put("range_end", base64(range.to()))
                .build();
        return ask("/v3/kv/range", question).objects("kvs").stream()
                .filter(filter)
                .map(pair -> decoded(pair.text("key").orElseThrow()).substring(prefix.length()))
                .sorted()
                .toList();
    }

    private JsonObject ask(String path, JsonObject question) {
        return switch (members.ask(path, question)) {
            case Members.Answered(JsonObject json) -> json;
            case Members.Rejected(String message) -> fail(path + " is refused: " + message);
            case Members.Lost(String why) -> fail(path + " is not answered: " + why);
        };
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String decoded(String base64) {
        return new String(Base64.getDecoder().decode(base64), StandardCharsets.UTF_8);
    }

    @Override
    public void close() {
        members.close();
    }
}
