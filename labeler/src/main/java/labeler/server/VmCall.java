package labeler.server;

import java.util.Optional;
import labeler.api.Refusal;
import labeler.api.Refusal.Reason;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.lifecycle.StartRequest;
import labeler.linux.PeerIdentity;
import labeler.vm.VmName;

/** What requests about VMs have in common: the VM in their path, the switches of their query, who asks. */
final class VmCall {
    static final String DRY_RUN = "dryRun";
    static final String FORGET_LOST = "forgetLost";

    private VmCall() {}

    /** The VM that the path names; empty where no VM can have that name. */
    static Optional<VmName> vmName(HttpCall call) {
        return VmName.parse(call.parameter("name"));
    }

    /** Whether nothing may be changed: of routes that take {@link #DRY_RUN}. */
    static boolean isDryRun(HttpCall call) {
        return call.isOn(DRY_RUN);
    }

    /** Whether files that cannot be found go off the record: of routes that take {@link #FORGET_LOST}. */
    static boolean forgetsLost(HttpCall call) {
        return call.isOn(FORGET_LOST);
    }

    /** Files that a start creates belong to whoever asked for it, so nobody can have root's made for them. */
    static StartRequest.Owner owner(PeerIdentity peer) {
        return new StartRequest.Owner(peer.uid(), peer.gid());
    }

    static HttpAnswer badName() {
        return HttpAnswer.usage("a VM's name has 1 to 255 characters, none of them a slash or a control character");
    }

    static HttpAnswer noSuchVm(VmName name) {
        return HttpAnswer.refusal(
                Refusal.because(Reason.NO_SUCH_VM, "no VM named " + name + " is held; labeler status lists them"));
    }
}
