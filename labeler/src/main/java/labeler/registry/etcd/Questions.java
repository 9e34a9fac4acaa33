package labeler.registry.etcd;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.etcd.Members;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.Answer;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.RefusedException;

/** Questions of an administrator, who has no session: each may be asked twice. */
record Questions(Members members, Duration patience) {
    private static final Duration PAUSE = Duration.ofMillis(50);

    Deadline deadline() {
        return Deadline.after(patience);
    }

    /** Steps with a result. Any of them may be refused. */
    interface Step<T> {
        T take(Deadline deadline) throws RefusedException;
    }

    /** Steps without a result. */
    interface Change {
        void make(Deadline deadline) throws RefusedException;
    }

    <T> Answer<T> answer(Step<T> step) {
        try {
            return new Answer.Given<>(step.take(deadline()));
        } catch (RefusedException e) {
            return new Answer.Refused<>(e.refusal());
        }
    }

    Optional<Refusal> refusal(Change change) {
        try {
            change.make(deadline());
            return Optional.empty();
        } catch (RefusedException e) {
            return Optional.of(e.refusal());
        }
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
