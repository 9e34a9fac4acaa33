package labeler.guard.relay;

import java.time.Duration;

/**
 * Whether the loop looks for messages for a moment before it sleeps. To be woken costs a conversation more than all that the
 * guard does: on a virtual machine a processor without work goes back to its host. So the loop stays awake while messages come
 * one upon the other, as when libvirt asks a new domain some 480 questions, and never for a manager that asks now and then.
 * The time is limited: a qemu or a client that writes all the time must not take a processor from others. The kernel's
 * haltpoll does the same for a whole machine (since Linux 5.4).
 */
final class BusyPolling {
    /** Longer than qemu takes to answer a plain question. */
    static final Duration LONGEST = Duration.ofMillis(1);

    /** As long as libvirt's questions to a new domain take. */
    static final Duration MOST_AT_ONCE = Duration.ofMillis(300);

    /** In the long run, one of so many parts of the time. */
    static final int PARTS = 5;

    /** More than one command and its answer. */
    private static final int SHORT_WAITS_BEFORE = 4;

    private int shortWaits;
    private Duration left = MOST_AT_ONCE;

    /** Whether to look again and again before sleeping, for {@link #LONGEST} at most. */
    boolean isWorthwhile() {
        return shortWaits >= SHORT_WAITS_BEFORE && left.compareTo(LONGEST) >= 0;
    }

    /**
     * A wait has ended with a message or a task. One that was longer than {@link #LONGEST} ends a conversation.
     *
     * @param awake the part of it without sleep
     */
    void waited(Duration time, Duration awake) {
        shortWaits = time.compareTo(LONGEST) < 0 ? Math.min(shortWaits + 1, SHORT_WAITS_BEFORE) : 0;
        Duration gained = left.plus(time.dividedBy(PARTS));
        left = (gained.compareTo(MOST_AT_ONCE) < 0 ? gained : MOST_AT_ONCE).minus(awake);
    }
}
