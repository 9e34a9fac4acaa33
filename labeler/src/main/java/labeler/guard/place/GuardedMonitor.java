package labeler.guard.place;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import labeler.guard.relay.Command;
import labeler.guard.relay.OwnQuestion;
import labeler.guard.relay.Questions;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.qmp.Answer;
import labeler.qmp.Monitor;
import labeler.qmp.UnixMonitors;
import labeler.qmp.UnplugResult;

/**
 * The monitor of a guarded VM for the service itself. The service has prepared its files already, so no judge sees these
 * commands.
 */
final class GuardedMonitor implements Monitor, WatchedJudge.Listener {
    /** Events that wait; a flood of them ends the wait for a device without a result. */
    private static final int MOST_EVENTS = 1000;

    private static final int LONGEST_TEXT = 300;

    /** After these the graph is another one. */
    private static final Set<String> CHANGING = Set.of("blockdev-add", "blockdev-del", "device_add", "device_del");

    private final Questions questions;
    private final WatchedJudge events;
    private final BlockingQueue<Unplug> unplugs = new LinkedBlockingQueue<>(MOST_EVENTS);

    /** The statement of an event about one device, or about all. */
    private record Unplug(Optional<String> device, UnplugResult result) {}

    GuardedMonitor(Questions questions, WatchedJudge events) {
        this.questions = questions;
        this.events = events;
        events.add(this);
    }

    @Override
    public Answer execute(String command, JsonObject arguments) {
        Answer answer = ask(command, arguments, List.of());
        if (CHANGING.contains(command)) {
            events.changed();
        }
        return answer;
    }

    @Override
    public Answer addDescriptor(Descriptor descriptor, String opaque) {
        return ask("add-fd", Json.object().put("opaque", opaque).build(), List.of(descriptor));
    }

    @Override
    public void given(long set, HostPath file) {
        events.given(set, file);
    }

    private Answer ask(String name, JsonObject arguments, List<Descriptor> descriptors) {
        OwnQuestion question = questions.ask(new Command(name, arguments, false, Optional.empty()), descriptors);
        try {
            return question.answer()
                    .get(UnixMonitors.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .map(GuardedMonitor::answer)
                    .orElseGet(() -> new Answer.Broken(name + ": the monitor has ended"));
        } catch (TimeoutException e) {
            // The caller closes its descriptors now: qemu has them, or never gets them.
            boolean _ = question.withdraw();
            return new Answer.Broken(
                    name + ": qemu does not answer within " + UnixMonitors.PATIENCE.toMillis() + " ms");
        } catch (InterruptedException e) {
            boolean _ = question.withdraw();
            Thread.currentThread().interrupt();
            return new Answer.Broken(name + ": interrupted");
        } catch (ExecutionException e) {
            return new Answer.Broken(name + ": " + e.getMessage());
        }
    }

    private static Answer answer(JsonObject message) {
        Optional<Json> value = message.get("return");
        if (value.isPresent()) {
            return new Answer.Done(value.get());
        }
        JsonObject error = message.get("error").orElse(Json.nothing()) instanceof JsonObject object
                ? object
                : Json.object().build();
        return new Answer.Refused(
                shown(error.text("class").orElse("")), shown(error.text("desc").orElse("no reason given")));
    }

    /** The text made fit for a message of one line. */
    private static String shown(String text) {
        StringBuilder shown = new StringBuilder();
        text.codePoints()
                .limit(LONGEST_TEXT)
                .map(character -> character >= ' ' && character <= '~' ? character : '?')
                .forEach(shown::appendCodePoint);
        return shown.toString();
    }

    @Override
    public void event(String name, JsonObject data) {
        Optional<String> device = data.text("device");
        if (device.isPresent() && name.equals("DEVICE_DELETED")) {
            tell(new Unplug(device, new UnplugResult.Gone()));
        } else if (device.isPresent() && name.equals("DEVICE_UNPLUG_GUEST_ERROR")) {
            tell(new Unplug(device, new UnplugResult.GuestRefused()));
        }
    }

    @Override
    public void ended(String reason) {
        tell(new Unplug(Optional.empty(), new UnplugResult.Broken(reason)));
    }

    /** Nobody waits for an event that finds no room: a dialogue is about one device. */
    private void tell(Unplug unplug) {
        boolean _ = unplugs.offer(unplug);
    }

    @Override
    public UnplugResult awaitUnplugged(String device, Duration patience) {
        long deadline = System.nanoTime() + patience.toNanos();
        try {
            while (true) {
                Unplug next = unplugs.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
                if (next == null) {
                    return new UnplugResult.NotInTime();
                }
                if (next.device().isEmpty() || next.device().get().equals(device)) {
                    return next.result();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new UnplugResult.Broken("interrupted");
        }
    }

    @Override
    public void close() {
        events.remove(this);
    }
}
