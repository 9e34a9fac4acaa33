package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.AttachAnswer;
import labeler.api.AttachBody;
import labeler.api.DetachBody;
import labeler.api.Report;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;

/** Endpoints that attach disks to a running VM, and detach them. */
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
        return switch (ApiJson.readBody(AttachBody.class, call.body())) {
            case NotUnderstood<AttachBody>(String message) -> HttpAnswer.usage(message);
            case Understood<AttachBody>(AttachBody body) ->
                switch (HotplugDisk.read(new HotplugArguments(body.blockdevs(), body.device()))) {
                    case HotplugDisk.NotUnderstood(String message) -> HttpAnswer.usage(message);
                    case HotplugDisk.Understood(HotplugDisk disk) ->
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
                        yield HttpAnswer.ok(ApiJson.write(new AttachAnswer(vm, disk)));
                    }
                    case AttachOutcome.NotAttached(List<Problem> problems) -> refused(call, request.name(), problems);
                })
                .orElseGet(() -> VmCall.noSuchVm(request.name()));
    }

    private HttpAnswer detach(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (ApiJson.readBody(DetachBody.class, call.body())) {
            case NotUnderstood<DetachBody>(String message) -> HttpAnswer.usage(message);
            case Understood<DetachBody>(DetachBody body) ->
                detached(call, new DetachRequest(name.get(), body.disk(), body.monitor()));
        };
    }

    private HttpAnswer detached(HttpCall call, DetachRequest request) {
        return lifecycle
                .detach(request)
                .map(outcome -> switch (outcome) {
                    case DetachOutcome.Detached(VmReport report) -> {
                        requests.changed(
                                call.peer(), AuditEvent.DISK_DETACHED, "disk " + request.disk() + " detached", report);
                        yield HttpAnswer.ok(ApiJson.write(Report.Detached.of(report, request.disk())));
                    }
                    case DetachOutcome.NotDetached(List<Problem> problems) -> refused(call, request.name(), problems);
                })
                .orElseGet(() -> VmCall.noSuchVm(request.name()));
    }

    private HttpAnswer refused(HttpCall call, VmName name, List<Problem> problems) {
        return HttpAnswer.refusal(requests.notChanged(call.peer(), name, problems));
    }
}
