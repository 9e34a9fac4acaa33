package labeler.registry.etcd;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import labeler.etcd.Members;
import labeler.etcd.Members.Answered;
import labeler.etcd.Members.Lost;
import labeler.etcd.Members.Rejected;
import labeler.etcd.Result;
import labeler.etcd.Transaction;
import labeler.json.Json.JsonObject;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.Entries;
import labeler.registry.etcd.value.HostEntry;
import labeler.registry.etcd.value.Keys;
import labeler.registry.etcd.value.RefusedException;

/**
 * The right of one service to speak for its host. Each transaction compares the host's entry. When an answer is lost, the
 * entry gets a new session before anything else: then the lost transaction has happened, or never will, and a read shows
 * which. A later copy of it, or one of a service that was killed, compares an entry that is gone.
 */
final class Session {
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final String TRANSACTION = "/v3/kv/txn";

    private final Members members;
    private final Entries entries;
    private final String key;
    private final Self self;
    private final ClusterMemory memory;

    /** Held while a new session is begun, by the one thread that begins it for all. */
    private final ReentrantLock renewing = new ReentrantLock();

    private Optional<Current> current = Optional.empty();
    private Optional<HostEntry> next = Optional.empty();
    private Optional<ClusterMemory.Point> seen = Optional.empty();

    Session(Members members, Entries entries, Keys keys, Self self, ClusterMemory memory) {
        this.members = members;
        this.entries = entries;
        this.key = keys.host(self.host());
        this.self = self;
        this.memory = memory;
    }

    /**
     * The entry that this service wrote last.
     *
     * @param isDoubtful whether an answer was lost under it
     */
    private record Current(HostEntry entry, String text, boolean isDoubtful) {}

    /** The fate of a transaction. */
    sealed interface Run {}

    record Committed(Result result) implements Run {}

    /** A comparison did not hold. */
    record Failed(Result result) implements Run {}

    /** The answer was lost. By now it has happened, or never will: read which. */
    record Unknown() implements Run {}

    Self self() {
        return self;
    }

    /** Begins. What an earlier service of this host sent, and was not answered, is void from now on. */
    void begin(Deadline deadline) throws RefusedException {
        Result read = read(List.of(new Transaction.Read(key)), deadline);
        HostEntry found = entries.read(HostEntry.class, key, read)
                .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(self.host())));
        if (!found.machine().equals(self.machine())) {
            throw new RefusedException(new Refusal.Outdated("host name " + self.host()
                    + " belongs to another machine in the cluster; give this host another one in [cluster] host"));
        }
        refuseLoss(read);
        HostEntry mine = new HostEntry(
                self.machine(), self.boot(), UUID.randomUUID().toString(), found.epoch(), false, read.revision());
        write(read.value(key).orElseThrow().text(), mine, deadline);
    }

    private synchronized void refuseLoss(Result read) throws RefusedException {
        ClusterMemory.Point now = new ClusterMemory.Point(read.cluster(), read.revision());
        Optional<ClusterMemory.Point> before = seen.isPresent() ? seen : memory.last();
        if (before.filter(point -> point.isLostAt(now)).isPresent()) {
            throw new RefusedException(new Refusal.Outdated(
                    "the registry is another one, or an older copy of the one that this host saw before; restore"
                            + " the newest copy, since this host decides nothing by an older one"));
        }
    }

    private void write(String expected, HostEntry mine, Deadline deadline) throws RefusedException {
        String text = entries.write(mine);
        while (true) {
            Transaction transaction = new Transaction(
                    List.of(new Transaction.HasValue(key, expected)),
                    List.of(Transaction.Put.of(key, text)),
                    List.of(new Transaction.Read(key)));
            switch (members.ask(TRANSACTION, transaction.json())) {
                case Answered(JsonObject json) -> {
                    Result result = result(json);
                    Optional<String> there = result.value(key).map(Result.Value::text);
                    if (result.isSucceeded() || there.equals(Optional.of(text))) {
                        begun(mine, text, result);
                        return;
                    }
                    throw new RefusedException(outdated());
                }
                case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
                case Lost(String why) -> retry(deadline, why);
            }
        }
    }

    private synchronized void begun(HostEntry mine, String text, Result result) {
        current = Optional.of(new Current(mine, text, false));
        next = Optional.empty();
        noticed(result);
        memory.remember(new ClusterMemory.Point(result.cluster(), result.revision()));
    }

    /** Writes the point at which this host saw the registry last. */
    void remember() {
        Optional<ClusterMemory.Point> point;
        synchronized (this) {
            point = seen;
        }
        point.ifPresent(memory::remember);
    }

    private synchronized void noticed(Result result) {
        ClusterMemory.Point now = new ClusterMemory.Point(result.cluster(), result.revision());
        // Answers of members overtake each other.
        if (seen.isEmpty() || !seen.get().isLostAt(now)) {
            seen = Optional.of(now);
        }
    }

    /** Changes something, unless another service speaks for the host by now. */
    Run run(Transaction transaction, Deadline deadline) throws RefusedException {
        while (true) {
            Current now = certain(deadline);
            switch (members.ask(TRANSACTION, under(now, transaction).json())) {
                case Answered(JsonObject json) -> {
                    Result result = result(json);
                    if (result.isSucceeded()) {
                        noticed(result);
                        return new Committed(result);
                    }
                    if (isStill(now, result)) {
                        noticed(result);
                        return new Failed(result);
                    }
                }
                case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
                case Lost(String why) -> {
                    doubt(now);
                    renew(deadline, why);
                    return new Unknown();
                }
            }
        }
    }

    private Transaction under(Current now, Transaction transaction) {
        List<Transaction.Compare> compares = new ArrayList<>(transaction.compares());
        compares.add(new Transaction.HasValue(key, now.text()));
        List<Transaction.Operation> otherwise = new ArrayList<>(transaction.otherwise());
        otherwise.add(new Transaction.Read(key));
        return new Transaction(compares, transaction.then(), otherwise);
    }

    /** Whether the transaction failed for another reason than its session. */
    private synchronized boolean isStill(Current now, Result result) throws RefusedException {
        String there = result.value(key).map(Result.Value::text).orElse("");
        if (there.equals(now.text())) {
            return true;
        }
        boolean isOurs = current.filter(one -> there.equals(one.text())).isPresent()
                || next.map(entries::write).filter(there::equals).isPresent();
        if (!isOurs) {
            current = Optional.empty();
            throw new RefusedException(outdated());
        }
        return false;
    }

    private Refusal outdated() {
        return new Refusal.Outdated(
                "host " + self.host() + " was fenced, or another service speaks for it: this service"
                        + " looks at all that stands under its name before it goes on");
    }

    private Refusal notBegun() {
        return new Refusal.Outdated(
                "this service has not looked at all that stands under host " + self.host() + " yet");
    }

    private synchronized void doubt(Current now) {
        current = current.map(one -> one.text().equals(now.text()) ? new Current(one.entry(), one.text(), true) : one);
    }

    private synchronized Current now() throws RefusedException {
        return current.orElseThrow(() -> new RefusedException(notBegun()));
    }

    private Current certain(Deadline deadline) throws RefusedException {
        Current now = now();
        while (now.isDoubtful()) {
            renew(deadline, "the last answer was lost");
            now = now();
        }
        return now;
    }

    /** Ends all doubt, or gives up: then the next transaction begins with this. */
    private void renew(Deadline deadline, String why) throws RefusedException {
        boolean isMine = false;
        try {
            isMine = renewing.tryLock(deadline.millisLeft(), TimeUnit.MILLISECONDS);
            if (!isMine) {
                throw new RefusedException(new Refusal.Unreachable(why));
            }
            Current now = now();
            if (now.isDoubtful()) {
                write(now.text(), proposed(now.entry()), deadline);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RefusedException(new Refusal.Unreachable("the service is about to end"));
        } finally {
            if (isMine) {
                renewing.unlock();
            }
        }
    }

    /** The same one after a lost answer: it may be there already. */
    private synchronized HostEntry proposed(HostEntry entry) {
        HostEntry proposed = next.orElseGet(() -> entry.in(UUID.randomUUID().toString()));
        next = Optional.of(proposed);
        return proposed;
    }

    /** Ends all doubt: every transaction so far has happened, or never will. */
    void settle(Deadline deadline) throws RefusedException {
        Current _ = certain(deadline);
    }

    /** Reads, as of now: etcd's members agree before they answer. */
    Result read(List<Transaction.Operation> operations, Deadline deadline) throws RefusedException {
        while (true) {
            switch (members.ask(TRANSACTION, Transaction.reading(operations).json())) {
                case Answered(JsonObject json) -> {
                    return result(json);
                }
                case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
                case Lost(String why) -> retry(deadline, why);
            }
        }
    }

    private static void retry(Deadline deadline, String why) throws RefusedException {
        if (deadline.isOver()) {
            throw new RefusedException(new Refusal.Unreachable(why));
        }
        deadline.pause(PAUSE);
    }

    private static Result result(JsonObject json) throws RefusedException {
        return Result.of(json)
                .orElseThrow(() -> new RefusedException(new Refusal.Denied("its answer is none of etcd's")));
    }
}
