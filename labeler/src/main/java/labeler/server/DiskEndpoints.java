package labeler.server;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import labeler.api.DiskBody;
import labeler.api.Refusal;
import labeler.api.Refusal.Reason;
import labeler.api.VmJson;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.AddedDisk;
import labeler.vm.qemu.hotplug.DiskOptions;

/** Disks that join a running VM, and leave it. */
final class DiskEndpoints {
    private final VmLifecycle lifecycle;
    private final RequestLog requests;

    @Inject
    DiskEndpoints(VmLifecycle lifecycle, RequestLog requests) {
        this.lifecycle = lifecycle;
        this.requests = requests;
    }

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v1/vms/{name}/attach", this::attach),
                new Route("POST", "/v1/vms/{name}/detach", this::detach));
    }

    private HttpAnswer attach(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (DiskBody.readAttach(call.body())) {
            case DiskBody.Unusable(String message) -> HttpAnswer.usage(message);
            case DiskBody.Body(DiskBody body) ->
                switch (AddedDisk.read(new DiskOptions(body.blockdevs(), body.device()))) {
                    case AddedDisk.NotUnderstood(String message) -> HttpAnswer.usage(message);
                    case AddedDisk.Understood(AddedDisk disk) ->
                        attached(call, new AttachRequest(name.get(), disk, body.monitor(), VmCall.owner(call.peer())));
                };
        };
    }

    private HttpAnswer attached(HttpCall call, AttachRequest request) {
        return lifecycle
                .attach(request)
                .map(outcome -> switch (outcome) {
                    case AttachOutcome.Attached(VmView vm, String disk) -> {
                        requests.attached(call.peer(), vm, disk);
                        yield HttpAnswer.ok(VmJson.attached(vm, disk));
                    }
                    case AttachOutcome.NotAttached(List<Problem> problems) -> refused(call, request.name(), problems);
                })
                .orElseGet(() -> noSuchVm(request.name()));
    }

    private HttpAnswer detach(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (DiskBody.readDetach(call.body())) {
            case DiskBody.Unusable(String message) -> HttpAnswer.usage(message);
            case DiskBody.Body(DiskBody body) ->
                detached(call, new DetachRequest(name.get(), body.device().orElse(""), body.monitor()));
        };
    }

    private HttpAnswer detached(HttpCall call, DetachRequest request) {
        return lifecycle
                .detach(request)
                .map(outcome -> switch (outcome) {
                    case DetachOutcome.Detached(VmReport report) -> {
                        requests.changed(call.peer(), "disk " + request.disk() + " detached", report);
                        yield HttpAnswer.ok(VmJson.detached(report, request.disk()));
                    }
                    case DetachOutcome.NotDetached(List<Problem> problems) -> refused(call, request.name(), problems);
                })
                .orElseGet(() -> noSuchVm(request.name()));
    }

    private HttpAnswer refused(HttpCall call, VmName name, List<Problem> problems) {
        return HttpAnswer.refusal(requests.notChanged(call.peer(), name, problems));
    }

    private static HttpAnswer noSuchVm(VmName name) {
        return HttpAnswer.refusal(
                Refusal.because(Reason.NO_SUCH_VM, "no VM named " + name + " is held; labeler status lists them"));
    }
}
