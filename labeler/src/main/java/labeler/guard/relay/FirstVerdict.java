package labeler.guard.relay;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import labeler.linux.Descriptor;

/**
 * Passes on the first verdict about a command, and no other: whatever fault follows, a command is sent once or refused
 * once. For all threads.
 */
public final class FirstVerdict implements Consumer<Judge.Verdict> {
    private final Consumer<Judge.Verdict> told;
    private final AtomicBoolean isTold = new AtomicBoolean();

    public FirstVerdict(Consumer<Judge.Verdict> told) {
        this.told = told;
    }

    @Override
    public void accept(Judge.Verdict verdict) {
        if (!isTold.getAndSet(true)) {
            told.accept(verdict);
        } else if (verdict instanceof Judge.Send(Command _, List<Descriptor> descriptors, Judge.After _)) {
            descriptors.forEach(Descriptor::close);
        }
    }

    /** Whether there is a verdict: what came with the command is not the judge's any more. */
    public boolean isTold() {
        return isTold.get();
    }
}
