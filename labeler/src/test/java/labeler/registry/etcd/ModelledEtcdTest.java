package labeler.registry.etcd;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import labeler.etcd.Gateway;
import labeler.etcd.KeyRange;
import labeler.etcd.Members;
import labeler.etcd.ModelledEtcd;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The model of etcd answers as a real one does. Transactions by chance; the seed is printed. */
class ModelledEtcdTest {
    private static final int TRANSACTIONS = 3000;

    private final long seed = Long.getLong("labeler.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final ModelledEtcd model = new ModelledEtcd();
    private EtcdServer server;
    private Gateway real;
    private long revision = 1;

    @BeforeEach
    void start() throws IOException, InterruptedException {
        server = EtcdServer.start();
        real = Gateway.to(server.settings());
    }

    @AfterEach
    void stop() throws IOException {
        real.close();
        server.close();
    }

    /** Of an answer, without the cluster's number; empty where it was not taken. */
    private record Told(boolean isSucceeded, long revision, Map<String, Result.Value> values) {
        static Optional<Told> by(Members members, Transaction transaction) {
            return switch (members.ask("/v3/kv/txn", transaction.json())) {
                case Members.Answered(Json.JsonObject json) -> {
                    Result result = Result.of(json).orElseThrow();
                    yield Optional.of(new Told(result.isSucceeded(), result.revision(), result.values()));
                }
                case Members.Rejected _ -> Optional.empty();
                case Members.Lost(String why) -> throw new AssertionError(why);
            };
        }
    }

    @Test
    void a_transaction_has_the_same_answer_in_both() {
        System.out.println("-Dlabeler.seed=" + seed);
        int taken = 0;
        int succeeded = 0;
        for (int number = 0; number < TRANSACTIONS; number++) {
            Transaction transaction = transaction(2);
            Optional<Told> told = Told.by(real, transaction);
            assertThat(Told.by(model, transaction))
                    .as("%s, number %s, seed %s", transaction, number, seed)
                    .isEqualTo(told);
            revision = told.map(Told::revision).orElse(revision);
            taken += told.isPresent() ? 1 : 0;
            succeeded += told.filter(Told::isSucceeded).isPresent() ? 1 : 0;
        }
        assertThat(taken).as("transactions that are in order").isBetween(TRANSACTIONS / 2, TRANSACTIONS - 1);
        assertThat(succeeded).as("whose comparisons held").isBetween(TRANSACTIONS / 10, taken - TRANSACTIONS / 10);
    }

    @Test
    void a_key_with_a_lease_is_put_only_if_there_is_such_a_lease() {
        for (Members members : List.of(real, model)) {
            assertThat(put(members, "12345")).isInstanceOf(Members.Rejected.class);
            Json asked = Json.object().put("TTL", "30").build();
            Members.Reply granted = members.ask("/v3/lease/grant", asked);
            String id = ((Members.Answered) granted).json().text("ID").orElseThrow();
            assertThat(put(members, id)).isInstanceOf(Members.Answered.class);
        }
    }

    private static Members.Reply put(Members members, String lease) {
        Transaction.Put put = new Transaction.Put("/alive", "{}", Optional.of(lease));
        return members.ask("/v3/kv/txn", new Transaction(List.of(), List.of(put), List.of()).json());
    }

    @Test
    void a_list_has_a_limit() {
        for (int more = 0; more < 2; more++) {
            Transaction many = Transaction.reading(IntStream.range(0, Transaction.MOST_OPERATIONS + more)
                    .<Transaction.Operation>mapToObj(number -> new Transaction.Read("/" + number))
                    .toList());
            assertThat(Told.by(model, many)).isEqualTo(Told.by(real, many));
        }
    }

    private Transaction transaction(int deep) {
        return new Transaction(
                several(1, this::compare), several(4, () -> operation(deep)), several(4, () -> operation(deep)));
    }

    private <T> List<T> several(int most, Supplier<T> one) {
        List<T> all = new ArrayList<>();
        for (int count = random.nextInt(most + 1); count > 0; count--) {
            all.add(one.get());
        }
        return all;
    }

    private String key() {
        return "/" + (char) ('a' + random.nextInt(2)) + "/" + random.nextInt(6);
    }

    private KeyRange range() {
        return switch (random.nextInt(3)) {
            case 0 -> KeyRange.below("/a/");
            case 1 -> KeyRange.before("/a/", key());
            default -> KeyRange.after("/a/", "/a/" + random.nextInt(6));
        };
    }

    private String value() {
        return "value " + random.nextInt(3);
    }

    private Transaction.Compare compare() {
        return switch (random.nextInt(4)) {
            case 0 -> new Transaction.Absent(key());
            case 1 -> new Transaction.NoneIn(range());
            case 2 -> new Transaction.Unchanged(key(), Math.max(0, revision - random.nextInt(20)));
            default -> new Transaction.HasValue(key(), value());
        };
    }

    private Transaction.Operation operation(int deep) {
        return switch (random.nextInt(deep > 0 ? 7 : 6)) {
            case 0, 1 -> Transaction.Put.of(key(), value());
            case 2 -> new Transaction.Delete(key());
            case 3 -> new Transaction.Read(key());
            case 4 -> new Transaction.ReadAll(range());
            case 5 -> new Transaction.ReadKeys(range());
            default -> new Transaction.Nested(transaction(deep - 1));
        };
    }
}
