package labeler.guard.relay;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.Supplier;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The way of a VM's commands: from a client to the judge, to qemu, and back. For the loop's thread alone. */
final class ClientCommands {
    private static final Logger LOG = LoggerFactory.getLogger(ClientCommands.class);

    private final EventLoop loop;
    private final Judge judge;
    private final RealMonitor monitor;
    private final ClientMemory memory;
    private final MonitorRelay relay;
    private final Map<String, Resumed> resumed = new HashMap<>();

    /** Answers that qemu has given, and the clients have not got. */
    private int unsettled;

    /** A command that an earlier service has passed on. */
    private record Resumed(Slot slot, Runnable settled) {}

    ClientCommands(EventLoop loop, Judge judge, RealMonitor monitor, ClientMemory memory, MonitorRelay relay) {
        this.loop = loop;
        this.judge = judge;
        this.monitor = monitor;
        this.memory = memory;
        this.relay = relay;
    }

    /**
     * Has a command judged, and does what the verdict says.
     *
     * @param judged is told when the next command of the client may be judged
     * @param settled is told when the answer is there for the client
     */
    void judge(ClientConnection client, Slot slot, Runnable judged, Runnable settled) {
        Command command = slot.command();
        List<Descriptor> descriptors = slot.descriptors();
        if (memory.isFull(command)) {
            // Not counted until then: others that come in the same turn are not refused for it.
            descriptors.forEach(Descriptor::close);
            loop.execute(
                    () -> {
                        relay.changing();
                        decided(slot, new Judge.Refuse(Refusal.TOO_MUCH), settled, client::end);
                        judged.run();
                    },
                    client::end);
            return;
        }
        ClientMemory.UnderWay begun = memory.begins(command);
        Runnable done = () -> {
            begun.end();
            settled.run();
        };
        Runnable failed = () -> {
            begun.end();
            client.end();
        };
        FirstVerdict first = new FirstVerdict(verdict -> loop.execute(
                () -> {
                    relay.changing();
                    decided(slot, verdict, done, failed);
                    judged.run();
                },
                failed));
        try {
            judge.judge(client.peer(), command, descriptors, first);
        } catch (RuntimeException e) {
            LOG.error("a fault of the guard: {} is refused", command.name(), e);
            if (!first.isTold()) {
                descriptors.forEach(Descriptor::close);
                first.accept(new Judge.Refuse(Refusal.FAULT));
            }
        }
    }

    private void decided(Slot slot, Judge.Verdict verdict, Runnable settled, Runnable failed) {
        switch (verdict) {
            case Judge.Refuse(Refusal refusal) -> {
                slot.settle(ClientConnection.line(refusal.answer(slot.id())));
                settled.run();
            }
            case Judge.Send(Command _, List<Descriptor> passed, Judge.After _)
            when relay.isEnded() -> passed.forEach(Descriptor::close);
            case Judge.Send(Command sent, List<Descriptor> passed, Judge.After after) ->
                slot.ask(monitor.send(
                        sent,
                        passed,
                        (message, raw) -> answered(
                                slot,
                                new Answer(monitor.idOf(message), message, raw).under(slot.id()),
                                () -> judge.shown(sent, message, raw).map(known -> Answer.line(known, slot.id())),
                                done -> after.answered(message, done),
                                settled,
                                failed)));
        }
    }

    /** qemu has answered: the client may see it when its effects are settled. */
    private void answered(
            Slot slot,
            byte[] answer,
            Supplier<Optional<byte[]>> shown,
            Consumer<Runnable> after,
            Runnable settled,
            Runnable failed) {
        unsettled++;
        slot.arrive(answer);
        AtomicBoolean isShown = new AtomicBoolean();
        after.accept(() -> {
            if (!isShown.getAndSet(true)) {
                loop.execute(
                        () -> {
                            relay.changing();
                            shown.get().ifPresent(slot::arrive);
                            slot.settle();
                            settled.run();
                            settled();
                        },
                        () -> {
                            failed.run();
                            settled();
                        });
            }
        });
    }

    private void settled() {
        unsettled--;
        if (unsettled == 0) {
            relay.allSettled();
        }
    }

    /** Whether the clients have got all answers that qemu has given. */
    boolean areSettled() {
        return unsettled == 0;
    }

    /** The action on the answer to a command of this id, which an earlier service has passed on. */
    BiConsumer<JsonObject, byte[]> resumedAnswer(String id) {
        Optional<Resumed> known = Optional.ofNullable(resumed.remove(id));
        return (message, raw) -> known.ifPresent(one -> answered(
                one.slot(),
                new Answer(monitor.idOf(message), message, raw).under(one.slot().id()),
                Optional::empty,
                judge::whenSettled,
                one.settled(),
                () -> {}));
    }

    /** A client's command that an earlier service has passed on, or answered; the client is told when that is settled. */
    void resume(Slot slot, Runnable settled) {
        if (slot.hasArrived()) {
            judge.whenSettled(() -> loop.execute(() -> {
                slot.settle();
                settled.run();
            }));
        } else {
            slot.asked().ifPresent(id -> resumed.put(id, new Resumed(slot, settled)));
        }
    }

    /** No answer comes to the commands that an earlier service has passed on. */
    void lose() {
        List.copyOf(resumed.values()).forEach(lost -> {
            lost.slot()
                    .settle(ClientConnection.line(
                            Refusal.LOST.answer(lost.slot().id())));
            lost.settled().run();
        });
    }
}
