package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;

/** Decides about the commands of a VM's clients, and sees all that its qemu says. Nothing here may wait. */
public interface Judge {
    /**
     * Looks at a command before it is sent.
     *
     * @param descriptors that came with it; whoever does not pass them on closes them
     * @param verdict is told once, now or later, by any thread; the client's commands after this one wait until then
     */
    void judge(PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict);

    /** Sees an event, before any client does. */
    void event(String name, JsonObject data);

    /**
     * qemu's answer with the names that clients know.
     *
     * @param asked as it went to qemu
     * @param raw the line as qemu wrote it
     * @return empty if the client gets the line as it is
     */
    default Optional<JsonObject> shown(Command asked, JsonObject answer, byte[] raw) {
        return Optional.empty();
    }

    /** qemu has got a set of descriptors for this file from the service itself, and no command of a client's has named it. */
    default void given(long set, HostPath file) {}

    /** The service itself has changed qemu: a command that comes after this is judged in the light of it. */
    default void changed() {}

    /** There is no monitor any more: questions that are open get no answer. */
    void ended(String reason);

    /**
     * Does something, now or later, when all that an earlier service has left is settled: what it has sent is answered
     * only now.
     */
    default void whenSettled(Runnable task) {
        task.run();
    }

    /** The verdict on a command. */
    sealed interface Verdict {}

    /**
     * It is sent.
     *
     * @param command as it goes to qemu
     * @param after is told qemu's answer, and tells in turn, now or later, when the client may see it
     */
    record Send(Command command, List<Descriptor> descriptors, After after) implements Verdict {
        public Send {
            descriptors = List.copyOf(descriptors);
        }
    }

    /** It is not. */
    record Refuse(Refusal refusal) implements Verdict {}

    /** The work that remains when qemu has answered. */
    @FunctionalInterface
    interface After {
        /** For commands whose answer changes nothing. */
        After NOTHING = (_, done) -> done.run();

        /**
         * The answer has come.
         *
         * @param done lets the client see it
         */
        void answered(JsonObject answer, Runnable done);
    }
}
