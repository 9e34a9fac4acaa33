package labeler.registry.etcd;

import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import labeler.etcd.Members;
import labeler.json.Json;

/**
 * The way to real members, with its faults: questions and answers get lost, questions arrive twice or long after their host
 * has died, and the host itself dies before or after a question.
 */
final class FaultyMembers implements Members {
    private final Members members;
    private final Faults faults;
    private final Random random;
    private boolean isDead;

    FaultyMembers(Members members, Faults faults, Random random) {
        this.members = members;
        this.faults = faults;
        this.random = random;
    }

    /**
     * The faults of all hosts.
     *
     * @param late questions that are still under way
     */
    record Faults(Queue<Late> late, AtomicLong kills, AtomicLong lost) {
        static Faults none() {
            return new Faults(new ConcurrentLinkedQueue<>(), new AtomicLong(), new AtomicLong());
        }
    }

    /** A question under way. */
    record Late(String path, Json question) {}

    /** The host is dead. Only the test's own host catches it. */
    static final class KilledException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    @Override
    public Reply ask(String path, Json question) {
        if (isDead) {
            throw new KilledException();
        }
        if (random.nextInt(20) == 0) {
            deliver();
        }
        // Most calls go well, or no VM would ever start.
        return switch (random.nextInt(24)) {
            case 0 -> {
                perhapsLate(path, question);
                throw killed();
            }
            case 1 -> {
                members.ask(path, question);
                perhapsLate(path, question);
                throw killed();
            }
            case 2 -> {
                perhapsLate(path, question);
                yield lost();
            }
            case 3 -> {
                members.ask(path, question);
                perhapsLate(path, question);
                yield lost();
            }
            default -> members.ask(path, question);
        };
    }

    /** Kills the host here, if chance wills it: between two calls, or amid its work on labels. */
    void perhapsDie() {
        if (random.nextInt(60) == 0) {
            throw killed();
        }
    }

    private KilledException killed() {
        isDead = true;
        faults.kills().incrementAndGet();
        return new KilledException();
    }

    private Lost lost() {
        faults.lost().incrementAndGet();
        return new Lost("the test has lost it");
    }

    private void perhapsLate(String path, Json question) {
        if (random.nextBoolean()) {
            faults.late().add(new Late(path, question));
        }
    }

    private void deliver() {
        Late late = faults.late().poll();
        if (late != null) {
            members.ask(late.path(), late.question());
        }
    }

    /** Delivers all that is under way, in any order. */
    static void deliverAll(Faults faults, Members members) {
        for (Late late : List.copyOf(faults.late())) {
            members.ask(late.path(), late.question());
        }
        faults.late().clear();
    }

    @Override
    public void close() {
        members.close();
    }
}
