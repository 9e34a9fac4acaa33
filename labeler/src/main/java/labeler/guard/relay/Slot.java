package labeler.guard.relay;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import labeler.json.Json;
import labeler.linux.Descriptor;

/** A command in its place in the order, and the answer to it once that is there. For the loop's thread alone. */
final class Slot {
    private Optional<Command> command;
    private final Optional<Json> id;
    private List<Descriptor> descriptors;
    private Optional<String> asked = Optional.empty();
    private Optional<byte[]> answer = Optional.empty();
    private boolean isJudged;
    private boolean isSettled;

    private Slot(Optional<Command> command, Optional<Json> id, List<Descriptor> descriptors) {
        this.command = command;
        this.id = id;
        this.descriptors = descriptors;
    }

    /** A command that is to be judged. */
    static Slot of(Command command, List<Descriptor> descriptors) {
        return new Slot(Optional.of(command), command.id(), descriptors);
    }

    /** An answer of the guard's own, which takes its place among the others. */
    static Slot answered(byte[] answer) {
        Slot slot = new Slot(Optional.empty(), Optional.empty(), List.of());
        slot.settle(answer);
        return slot;
    }

    /** A command that an earlier service has passed on, or answered. */
    static Slot of(RelayState.OfSlot state) {
        return switch (state) {
            case RelayState.Answered(String text) -> {
                Slot slot = new Slot(Optional.empty(), Optional.empty(), List.of());
                slot.isJudged = true;
                slot.arrive(RelayState.bytes(text));
                yield slot;
            }
            case RelayState.Waiting(String asked, Optional<Json> id) -> {
                Slot slot = new Slot(Optional.empty(), id, List.of());
                slot.isJudged = true;
                slot.ask(asked);
                yield slot;
            }
        };
    }

    /** Takes the command to have it judged; the descriptors are the caller's then. */
    Command command() {
        isJudged = true;
        Command taken = command.orElseThrow();
        command = Optional.empty();
        return taken;
    }

    /** The memory that it takes; a command that is judged is no part of it any more. */
    long weight() {
        return command.map(Command::weight).orElse(0L)
                + answer.map(bytes -> (long) bytes.length).orElse(0L);
    }

    List<Descriptor> descriptors() {
        List<Descriptor> taken = descriptors;
        descriptors = List.of();
        return taken;
    }

    Optional<Json> id() {
        return id;
    }

    boolean isJudged() {
        return isJudged;
    }

    /** qemu gets it under this id. */
    void ask(String under) {
        asked = Optional.of(under);
    }

    Optional<String> asked() {
        return asked;
    }

    /** The answer is there; the client may not see it yet. */
    void arrive(byte[] bytes) {
        answer = Optional.of(bytes);
    }

    boolean hasArrived() {
        return answer.isPresent();
    }

    /** The client may see the answer. */
    void settle() {
        isSettled = true;
    }

    void settle(byte[] bytes) {
        isJudged = true;
        arrive(bytes);
        settle();
    }

    /** The answer, if the client may see it. */
    Optional<byte[]> shown() {
        return isSettled ? answer : Optional.empty();
    }

    /**
     * As another process goes on with it. A command that qemu has not seen by then is never sent.
     *
     * @param isSent whether qemu has got the command of this id
     */
    RelayState.OfSlot state(Predicate<String> isSent) {
        if (answer.isPresent()) {
            return new RelayState.Answered(RelayState.text(answer.get()));
        }
        return asked.filter(isSent)
                .<RelayState.OfSlot>map(under -> new RelayState.Waiting(under, id))
                .orElseGet(() ->
                        new RelayState.Answered(RelayState.text(ClientConnection.line(Refusal.RESTARTED.answer(id)))));
    }
}
