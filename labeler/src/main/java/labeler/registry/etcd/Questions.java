package labeler.registry.etcd;

import java.time.Duration;
import java.util.List;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.RefusedException;

/** Questions of an administrator, who has no session: each may be asked twice. */
record Questions(Members members, Duration patience) {
    private static final Duration PAUSE = Duration.ofMillis(50);

    Deadline deadline() {
        return Deadline.after(patience);
    }

    Result read(List<Transaction.Operation> operations, Deadline deadline) throws RefusedException {
        return ask(Transaction.reading(operations), deadline);
    }

    /** Only for a transaction that may happen twice. */
    Result ask(Transaction transaction, Deadline deadline) throws RefusedException {
        while (true) {
            switch (members.ask("/v3/kv/txn", transaction.json())) {
                case Members.Answered(JsonObject json) -> {
                    return Result.of(json)
                            .orElseThrow(
                                    () -> new RefusedException(new Refusal.Denied("its answer is none of etcd's")));
                }
                case Members.Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
                case Members.Lost(String why) -> {
                    if (deadline.isOver()) {
                        throw new RefusedException(new Refusal.Unreachable(why));
                    }
                    deadline.pause(PAUSE);
                }
            }
        }
    }
}
