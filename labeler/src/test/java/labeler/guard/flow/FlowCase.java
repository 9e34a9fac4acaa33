package labeler.guard.flow;

import java.io.IOException;

/**
 * One flow with one end.
 *
 * @param script the commands, and the use of each file after each; for {@link Ending#QEMU_KILLED} only what comes before
 *     the kill
 */
public record FlowCase(String flow, Ending ending, Script script) {
    /** What a client does. */
    @FunctionalInterface
    public interface Script {
        void play(FlowBed bed) throws IOException;
    }

    @Override
    public String toString() {
        return flow + ": " + ending.words();
    }
}
