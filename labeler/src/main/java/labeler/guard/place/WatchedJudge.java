package labeler.guard.place;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.function.Consumer;
import labeler.guard.relay.Command;
import labeler.guard.relay.Judge;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;

/** A judge, and those who wait for events. */
final class WatchedJudge implements Judge {
    private final Judge judge;
    private final Set<Listener> listeners = new CopyOnWriteArraySet<>();

    /** Is told in the loop's thread, and may not wait. */
    interface Listener {
        void event(String name, JsonObject data);

        void ended(String reason);
    }

    WatchedJudge(Judge judge) {
        this.judge = judge;
    }

    void add(Listener listener) {
        listeners.add(listener);
    }

    void remove(Listener listener) {
        listeners.remove(listener);
    }

    @Override
    public void judge(PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
        judge.judge(client, command, descriptors, verdict);
    }

    @Override
    public void event(String name, JsonObject data) {
        judge.event(name, data);
        listeners.forEach(listener -> listener.event(name, data));
    }

    @Override
    public Optional<JsonObject> shown(Command asked, JsonObject answer, byte[] raw) {
        return judge.shown(asked, answer, raw);
    }

    @Override
    public void given(long set, HostPath file) {
        judge.given(set, file);
    }

    @Override
    public void changed() {
        judge.changed();
    }

    @Override
    public void whenSettled(Runnable task) {
        judge.whenSettled(task);
    }

    @Override
    public void ended(String reason) {
        judge.ended(reason);
        listeners.forEach(listener -> listener.ended(reason));
    }
}
