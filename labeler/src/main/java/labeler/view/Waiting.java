package labeler.view;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * Shows a person that an answer is awaited: after a second, and then for how long. Nobody knows how much is left of a
 * start or a verification, so the bar only moves.
 */
public final class Waiting implements AutoCloseable {
    private static final Duration SILENCE = Duration.ofSeconds(1);
    private static final Duration STEP = Duration.ofMillis(200);
    private static final int WIDTH = 20;
    private static final int MARK = 4;

    private final Terminal terminal;
    private final String what;
    private final Thread thread;
    private volatile boolean isShown;

    private Waiting(Terminal terminal, String what) {
        this.terminal = terminal;
        this.what = what;
        this.thread = Thread.ofPlatform().daemon().unstarted(this::show);
    }

    /** Begins to wait, for as long as this is open. */
    public static Waiting began(Terminal terminal, String what) {
        Waiting waiting = new Waiting(terminal, what);
        if (terminal.isWatched()) {
            waiting.thread.start();
        }
        return waiting;
    }

    private void show() {
        try {
            Thread.sleep(SILENCE);
            isShown = true;
            for (int step = 0; true; step++) {
                terminal.progress(text(step));
                Thread.sleep(STEP);
            }
        } catch (InterruptedException e) {
            // The answer is there.
        }
    }

    /** @param step since a second had passed */
    private String text(int step) {
        return what + "  " + bar(step) + "  "
                + SILENCE.plus(STEP.multipliedBy(step)).toSeconds() + " s";
    }

    static String bar(int step) {
        int at = step % (2 * (WIDTH - MARK));
        int left = at < WIDTH - MARK ? at : 2 * (WIDTH - MARK) - at;
        return "[" + "-".repeat(left) + "#".repeat(MARK) + "-".repeat(WIDTH - MARK - left) + "]";
    }

    @Override
    public void close() {
        end();
    }

    /** The answer begins to come. */
    public void end() {
        if (!thread.isAlive()) {
            return;
        }
        thread.interrupt();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        // Nothing else of the person's line may be wiped out.
        if (isShown) {
            terminal.progress("");
        }
    }
}
