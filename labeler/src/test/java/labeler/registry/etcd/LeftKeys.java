package labeler.registry.etcd;

import static labeler.waiting.Eventually.eventually;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import labeler.etcd.EtcdSettings;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.etcd.value.Keys;

/** The keys of a whole registry, hosts and storages left out: none when every VM has ended. */
public final class LeftKeys {
    private LeftKeys() {}

    public static List<String> of(EtcdSettings settings) throws IOException {
        try (Gateway members = Gateway.to(settings)) {
            return of(members, Keys.STANDARD);
        }
    }

    static List<String> of(Members members, Keys keys) {
        KeyRange all = KeyRange.below(keys.prefix());
        JsonObject json = read(members, all);
        List<String> settled = List.of(keys.hosts(), keys.storages());
        List<String> single = List.of(keys.rebuild(), keys.storageAdded());
        Predicate<String> isSettled = key -> settled.stream().anyMatch(key::startsWith) || single.contains(key);
        return Stream.of(Result.of(json).orElseThrow())
                .flatMap(result -> result.keys(all).stream())
                .filter(isSettled.negate())
                .toList();
    }

    /** The answer with all keys of a range. A member that hangs, or a change of the leader, costs some questions. */
    private static JsonObject read(Members members, KeyRange range) {
        Transaction reading = Transaction.reading(List.of(new Transaction.ReadAll(range)));
        List<JsonObject> answers = new ArrayList<>();
        eventually("the registry answers", () -> {
            if (members.ask("/v3/kv/txn", reading.json()) instanceof Members.Answered(JsonObject json)) {
                answers.add(json);
            }
            return !answers.isEmpty();
        });
        return answers.getFirst();
    }
}
