package labeler.guard.relay;

import java.time.Duration;

/**
 * Whether the loop looks for messages for a moment before it sleeps. To be woken costs a conversation more than all that the
 * guard does: on a virtual machine a processor without work goes back to its host. So the loop stays awake while messages come
 * one upon the other, as when libvirt asks a new domain some 480 questions, and never for a manager that asks now and then.
 * The kernel's haltpoll does the same for a whole machine (since Linux 5.4).
 */
final class BusyPolling {
    /** Longer than qemu takes to answer a plain question. */
    static final Duration LONGEST = Duration.ofMillis(1);

    /** More than one command and its answer. */
    private static final int SHORT_WAITS_BEFORE = 4;

    private int shortWaits;

    /** Whether to look again and again before sleeping, for {@link #LONGEST} at most. */
    boolean isWorthwhile() {
        return shortWaits >= SHORT_WAITS_BEFORE;
    }

    /** A wait has ended with a message or a task. One that was longer ends a conversation. */
    void waited(Duration time) {
        shortWaits = time.compareTo(LONGEST) < 0 ? Math.min(shortWaits + 1, SHORT_WAITS_BEFORE) : 0;
    }
}
