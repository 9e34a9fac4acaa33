package labeler.guard.place;

import java.util.List;
import java.util.function.Consumer;
import labeler.guard.relay.Command;
import labeler.guard.relay.Judge;
import labeler.guard.relay.Judges;
import labeler.guard.relay.Questions;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.PeerIdentity;
import labeler.vm.VmName;

/** Judges that let every command pass unchanged. */
public final class PassingJudges implements Judges {
    @Override
    public Judge of(VmName vm, Questions qemu) {
        return new Judge() {
            @Override
            public void judge(
                    PeerIdentity client, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
                verdict.accept(new Send(command, descriptors, After.NOTHING));
            }

            @Override
            public void event(String name, JsonObject data) {
                // Nothing depends on what qemu has done.
            }

            @Override
            public void ended(String reason) {
                // Nothing is open.
            }
        };
    }
}
