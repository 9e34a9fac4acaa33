package labeler.guard.relay;

import java.time.Duration;

/**
 * Whether qemu is about to end. Since qemu 6.0 a command that reaches the monitor's own thread after the last one was run
 * wakes a coroutine that is no more, and qemu dies by SIGSEGV ({@code aio_co_wake(qmp_dispatcher_co)} in
 * {@code monitor/qmp.c}). So nothing is sent then. For the loop's thread alone.
 */
final class QemuEnd {
    /** A qemu that is still there after it goes on, or waits for a disk. */
    static final Duration TIME = Duration.ofSeconds(10);

    private final EventLoop loop;
    private final Runnable goesOn;
    private Stage stage = Stage.FAR;

    /** Until when nothing is sent, by {@link System#nanoTime}. */
    private long until;

    /** One at a time: a qemu that was taken over tells of its end a million times. */
    private boolean hasTimer;

    private enum Stage {
        FAR,
        TOLD,
        ASKED
    }

    /** @param goesOn is called when qemu is about to end no more */
    QemuEnd(EventLoop loop, Runnable goesOn) {
        this.loop = loop;
        this.goesOn = goesOn;
    }

    boolean isNear() {
        return stage != Stage.FAR;
    }

    /** A command is sent. */
    void sent(String command) {
        if (command.equals("quit")) {
            begin(Stage.ASKED);
        }
    }

    /** qemu tells of an event. With {@code -no-shutdown} it stops where it would end. */
    void told(String event) {
        if (event.equals("SHUTDOWN")) {
            begin(Stage.TOLD);
        } else if (event.equals("STOP") && stage == Stage.TOLD) {
            goOn();
        }
    }

    private void begin(Stage now) {
        stage = now;
        until = System.nanoTime() + TIME.toNanos();
        if (!hasTimer) {
            hasTimer = true;
            loop.execute(TIME, this::look);
        }
    }

    private void look() {
        long left = until - System.nanoTime();
        if (isNear() && left > 0) {
            loop.execute(Duration.ofNanos(left), this::look);
        } else {
            hasTimer = false;
            if (isNear()) {
                goOn();
            }
        }
    }

    private void goOn() {
        stage = Stage.FAR;
        goesOn.run();
    }
}
