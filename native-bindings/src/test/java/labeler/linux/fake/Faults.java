package labeler.linux.fake;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import labeler.linux.Errno;
import labeler.linux.LinuxException;

/**
 * The faults that shall happen in a {@link FakeLinux}, and a record of the calls. Calls are named by their system call:
 * {@code openat2}, {@code fgetxattr}, {@code fsetxattr}, {@code fremovexattr}, {@code syncfs}, …
 */
public final class Faults {
    /**
     * A call that was made.
     *
     * @param subject the printable path or process it was made on
     * @param changes whether it changes what is on disk
     */
    public record Call(String name, String subject, boolean changes) {}

    private static final class Fault {
        private final Predicate<Call> matches;
        private final Errno errno;
        private final boolean lasting;
        private int callsLeft;

        Fault(Predicate<Call> matches, int nth, Errno errno, boolean lasting) {
            this.matches = matches;
            this.callsLeft = nth;
            this.errno = errno;
            this.lasting = lasting;
        }

        boolean strikes(Call call) {
            if (!matches.test(call) || (callsLeft <= 0 && !lasting)) {
                return false;
            }
            callsLeft--;
            return lasting || callsLeft == 0;
        }
    }

    private static final int NEVER = -1;

    private final List<Fault> faults = new ArrayList<>();
    private final List<Call> calls = new ArrayList<>();
    private int changesUntilCut = NEVER;
    private boolean powerOff;
    private Runnable beforeNext = () -> {};
    private Predicate<Call> beforeWhich = call -> false;

    /** The n-th call from now on, of any kind, fails; the first is 1. */
    public synchronized void failOn(int nth, Errno errno) {
        faults.add(new Fault(call -> true, nth, errno, false));
    }

    /** The n-th call from now on of this name fails. */
    public synchronized void failOn(String name, int nth, Errno errno) {
        faults.add(new Fault(call -> call.name().equals(name), nth, errno, false));
    }

    /** The n-th call from now on that would change something fails. */
    public synchronized void failOnChange(int nth, Errno errno) {
        faults.add(new Fault(Call::changes, nth, errno, false));
    }

    /** Every call of this name on this path fails, until {@link #clear}. */
    public synchronized void failAlways(String name, String path, Errno errno) {
        faults.add(new Fault(call -> call.name().equals(name) && call.subject().equals(path), 1, errno, true));
    }

    /** The next {@code changes} changing calls still work; every call after the last of them is too late. */
    public synchronized void cutPowerAfter(int changes) {
        changesUntilCut = changes;
    }

    /** Runs an action behind the caller's back just before the next call of this name. */
    public synchronized void beforeNext(String name, Runnable action) {
        beforeWhich = call -> call.name().equals(name);
        beforeNext = action;
    }

    /** The same for a call on this file, or on one below it: others may make the same call meanwhile. */
    public synchronized void beforeNext(String name, String path, Runnable action) {
        beforeWhich = call -> call.name().equals(name)
                && (call.subject().equals(path) || call.subject().startsWith(path + "/"));
        beforeNext = action;
    }

    /** Forgets all planned faults. */
    public synchronized void clear() {
        faults.clear();
        changesUntilCut = NEVER;
        powerOff = false;
        beforeWhich = call -> false;
    }

    /** All calls up to now, oldest first. */
    public synchronized List<Call> calls() {
        return List.copyOf(calls);
    }

    /** The number of calls up to now that changed something: the number of points for a power cut. */
    public synchronized int changes() {
        return (int) calls.stream().filter(Call::changes).count();
    }

    public synchronized void forgetCalls() {
        calls.clear();
    }

    /** Called before every call. */
    void check(String name, String subject, boolean changes) throws LinuxException {
        Runnable action = record(new Call(name, subject, changes));
        action.run();
    }

    /** As {@link #check}, for calls that can fail only by a power cut. */
    synchronized void checkPower(String name) {
        if (powerOff) {
            throw new PowerCut(name);
        }
    }

    private synchronized Runnable record(Call call) throws LinuxException {
        if (changesUntilCut == 0) {
            powerOff = true;
        }
        checkPower(call.name());
        calls.add(call);
        for (Fault fault : faults) {
            if (fault.strikes(call)) {
                throw new LinuxException(call.name(), call.subject(), fault.errno.code());
            }
        }
        if (call.changes() && changesUntilCut > 0) {
            changesUntilCut--;
        }
        if (beforeWhich.test(call)) {
            beforeWhich = ignored -> false;
            return beforeNext;
        }
        return () -> {};
    }
}
