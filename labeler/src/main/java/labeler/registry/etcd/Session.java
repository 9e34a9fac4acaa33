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
    private final String alive;
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
        this.alive = keys.alive(self.host());
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

    /**
     * Begins. What an earlier service of this host sent, and was not answered, is void from now on. A service of another boot
     * that was heard a moment ago is another machine's: it has the same image, or its disks were copied, and its VMs run. After
     * a reboot that takes as long as the lease lasts.
     */
    void begin(Deadline deadline) throws RefusedException {
        Result read = read(List.of(new Transaction.Read(key), new Transaction.Read(alive)), deadline);
        HostEntry found = entries.read(HostEntry.class, key, read)
                .orElseThrow(() -> new RefusedException(new Refusal.NotJoined(self.host())));
        if (!found.machine().equals(self.machine())) {
            throw new RefusedException(new Refusal.Outdated("host name " + self.host()
                    + " belongs to another machine in the cluster; give this host another one in [cluster] host"));
        }
        boolean isOfThisBoot = found.boot().equals(self.boot());
        if (!isOfThisBoot && read.value(alive).isPresent()) {
            throw new RefusedException(ofAnotherBoot());
        }
        HostEntry mine = new HostEntry(
                self.machine(), self.boot(), UUID.randomUUID().toString(), found.epoch(), false, read.revision());
        List<Transaction.Compare> unheard = isOfThisBoot ? List.of() : List.of(new Transaction.Absent(alive));
        write(read.value(key).orElseThrow().text(), mine, unheard, deadline);
    }

    private Refusal ofAnotherBoot() {
        return new Refusal.Outdated("a service of another boot was heard as host " + self.host()
                + " within the last half minute; after a reboot this host goes on by itself, and if another machine has its"
                + " name, give one of them another in [cluster] host");
    }

    /** The result of a question. */
    private sealed interface Told {}

    private record Known(Result result) implements Told {}

    /** No answer, or none of etcd's: something between the two may have answered instead. */
    private record Silent(String why) implements Told {}

    private Told ask(Transaction transaction) throws RefusedException {
        Optional<ClusterMemory.Point> before = seen();
        return switch (members.ask(TRANSACTION, transaction.json())) {
            case Answered(JsonObject json) -> {
                Optional<Result> result = Result.of(json);
                if (result.isPresent()) {
                    notice(before, result.get());
                }
                yield result.<Told>map(Known::new).orElseGet(() -> new Silent("an answer is none of etcd's"));
            }
            case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
            case Lost(String why) -> new Silent(why);
        };
    }

    private synchronized Optional<ClusterMemory.Point> seen() {
        return seen.or(memory::last);
    }

    /** Etcd's members agree before they answer. So none shows less than what this host had seen before it asked. */
    private synchronized void notice(Optional<ClusterMemory.Point> before, Result result) throws RefusedException {
        ClusterMemory.Point now = new ClusterMemory.Point(result.cluster(), result.revision());
        if (before.filter(point -> point.isLostAt(now)).isPresent()) {
            current = Optional.empty();
            throw new RefusedException(new Refusal.Outdated(
                    "the registry is another one, or an older copy of the one that this host saw before; restore"
                            + " the newest copy, or run labeler cluster rebuild on each host"));
        }
        // Answers overtake each other.
        if (seen.isEmpty() || !seen.get().isLostAt(now)) {
            seen = Optional.of(now);
        }
    }

    private void write(String expected, HostEntry mine, List<Transaction.Compare> more, Deadline deadline)
            throws RefusedException {
        String text = entries.write(mine);
        List<Transaction.Compare> compares = new ArrayList<>(more);
        compares.add(new Transaction.HasValue(key, expected));
        while (true) {
            Transaction transaction = new Transaction(
                    compares, List.of(Transaction.Put.of(key, text)), List.of(new Transaction.Read(key)));
            switch (ask(transaction)) {
                case Known(Result result) -> {
                    Optional<String> there = result.value(key).map(Result.Value::text);
                    if (result.isSucceeded() || there.equals(Optional.of(text))) {
                        begun(mine, text, result);
                        return;
                    }
                    throw new RefusedException(outdated());
                }
                case Silent(String why) -> retry(deadline, why);
            }
        }
    }

    private synchronized void begun(HostEntry mine, String text, Result result) {
        current = Optional.of(new Current(mine, text, false));
        next = Optional.empty();
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

    /** Changes something, unless another service speaks for the host by now. */
    Run run(Transaction transaction, Deadline deadline) throws RefusedException {
        while (true) {
            Current now = certain(deadline);
            switch (ask(under(now, transaction))) {
                case Known(Result result) -> {
                    if (result.isSucceeded()) {
                        return new Committed(result);
                    }
                    if (isStill(now, result)) {
                        return new Failed(result);
                    }
                }
                case Silent(String why) -> {
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
                write(now.text(), proposed(now.entry()), List.of(), deadline);
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
            switch (ask(Transaction.reading(operations))) {
                case Known(Result result) -> {
                    return result;
                }
                case Silent(String why) -> retry(deadline, why);
            }
        }
    }

    private static void retry(Deadline deadline, String why) throws RefusedException {
        if (deadline.isOver()) {
            throw new RefusedException(new Refusal.Unreachable(why));
        }
        deadline.pause(PAUSE);
    }
}
