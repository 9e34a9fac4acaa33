package labeler.registry.etcd;

import java.util.List;
import java.util.Optional;
import labeler.etcd.Members;
import labeler.etcd.Members.Answered;
import labeler.etcd.Members.Lost;
import labeler.etcd.Members.Rejected;
import labeler.etcd.Transaction;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.registry.Refusal;
import labeler.registry.etcd.value.RefusedException;

/**
 * Tells people that the host's service is there. It is the one key with a lease. Nothing is freed by its end; while it is
 * there, no machine of another boot begins under the host's name.
 */
record Heartbeat(Members members, Context context) {
    private static final long SECONDS = 30;

    void beat(Deadline deadline) throws RefusedException {
        JsonObject question = Json.object().put("TTL", Long.toString(SECONDS)).build();
        switch (members.ask("/v3/lease/grant", question)) {
            case Answered(JsonObject json) -> {
                String key = context.keys().alive(context.host());
                // Without a lease it would stay for ever.
                String lease = json.text("ID")
                        .orElseThrow(() -> new RefusedException(new Refusal.Denied("it gives no lease")));
                Transaction.Put put = new Transaction.Put(key, "{}", Optional.of(lease));
                Session.Run _ = context.session().run(new Transaction(List.of(), List.of(put), List.of()), deadline);
            }
            case Rejected(String message) -> throw new RefusedException(new Refusal.Denied(message));
            case Lost(String why) -> throw new RefusedException(new Refusal.Unreachable(why));
        }
    }
}
