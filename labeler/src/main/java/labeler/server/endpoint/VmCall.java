package labeler.server.endpoint;

import java.util.Optional;
import java.util.function.Function;
import labeler.api.ApiJson;
import labeler.api.Refusal;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.json.RecordJson;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.StopRequest;
import labeler.linux.PeerIdentity;
import labeler.vm.VmName;

/** The common parts of requests about VMs: the VM in the path, the switches of the query, the user who asks. */
final class VmCall {
    static final String DRY_RUN = "dryRun";
    static final String FORGET_LOST = "forgetLost";

    /** A stop that changes nothing if the VM's process runs. */
    static final String UNLESS_RUNNING = "unlessRunning";

    /** A stop that ends the VM's process first. */
    static final String KILL = "kill";

    /** A start whose body is a command line in bytes. */
    static final String ARGUMENTS = "arguments";

    /** A list without the files of each VM. */
    static final String BRIEF = "brief";

    /** A list for a page: what it shows of each VM, without the files. */
    static final String OVERVIEW = "overview";

    /** A matrix of one VM and its own files, without those of all others. */
    static final String OWN = "own";

    static final String LOST_TABLES = "lostTables";

    private VmCall() {}

    /** The VM in the path; empty if no VM can have that name. */
    static Optional<VmName> vmName(HttpCall call) {
        return VmName.parse(call.parameter("name"));
    }

    /** The answer about the VM in the path; a refusal if no VM can have that name. */
    static HttpAnswer named(HttpCall call, Function<VmName, HttpAnswer> answer) {
        return vmName(call).map(answer).orElseGet(VmCall::badName);
    }

    /** The answer to a body; a refusal if it is not understood. */
    static <T extends Record> HttpAnswer read(HttpCall call, Class<T> type, Function<T, HttpAnswer> answer) {
        return switch (ApiJson.readBody(type, call.body())) {
            case RecordJson.NotUnderstood<T>(String message) -> HttpAnswer.usage(message);
            case RecordJson.Understood<T>(T body) -> answer.apply(body);
        };
    }

    /** Whether nothing may be changed, for routes with {@link #DRY_RUN}. */
    static boolean isDryRun(HttpCall call) {
        return call.isOn(DRY_RUN);
    }

    /** Whether records of missing files are deleted, for routes with {@link #FORGET_LOST}. */
    static boolean forgetsLost(HttpCall call) {
        return call.isOn(FORGET_LOST);
    }

    /** The choice of a stop if the process runs, for the route with {@link #UNLESS_RUNNING} and {@link #KILL}. */
    static StopRequest.WhileRunning whileRunning(HttpCall call) {
        if (call.isOn(KILL)) {
            return StopRequest.WhileRunning.END_IT;
        }
        return call.isOn(UNLESS_RUNNING) ? StopRequest.WhileRunning.REFUSE : StopRequest.WhileRunning.GIVE_BACK;
    }

    /** Whether lost tables of trees are replaced, for routes with {@link #LOST_TABLES}. */
    static boolean replacesLostTables(HttpCall call) {
        return call.isOn(LOST_TABLES);
    }

    /** The owner of files that a start creates: the user who asked. So nobody can have root's files made. */
    static StartRequest.Owner owner(PeerIdentity peer) {
        return new StartRequest.Owner(peer.uid(), peer.gid());
    }

    static HttpAnswer badName() {
        return HttpAnswer.usage(
                "a VM's name has 1 to 255 characters, none of them a slash or a control character, and is not . or ..");
    }

    static HttpAnswer noSuchVm(VmName name) {
        return HttpAnswer.refusal(unknown(name));
    }

    static Refusal unknown(VmName name) {
        return Refusal.noSuchVm("no VM named " + name + " is held; labeler status lists them");
    }
}
