package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.List;
import labeler.api.ApiJson;
import labeler.api.AttachAnswer;
import labeler.api.AttachBody;
import labeler.api.DetachBody;
import labeler.api.GuardBody;
import labeler.api.Report;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;
import labeler.vm.qemu.hotplug.HotplugArguments;
import labeler.vm.qemu.hotplug.HotplugDisk;

/** Endpoints that change what a running VM has: its disks, and the guard before its monitor. */
record DiskEndpoints(VmLifecycle lifecycle, RequestLog requests) {
    @Inject
    DiskEndpoints {}

    List<Route> routes() {
        return List.of(
                new Route("POST", "/v1/vms/{name}/attach", this::attach),
                new Route("POST", "/v1/vms/{name}/detach", this::detach),
                new Route("POST", "/v1/vms/{name}/guard", this::guard));
    }

    private HttpAnswer attach(HttpCall call) {
        return VmCall.named(
                call,
                name -> VmCall.read(call, AttachBody.class, body -> switch (HotplugDisk.read(
                        new HotplugArguments(body.blockdevs(), body.device()))) {
                    case HotplugDisk.NotUnderstood(String message) -> HttpAnswer.usage(message);
                    case HotplugDisk.Understood(HotplugDisk disk) ->
                        attached(call, new AttachRequest(name, disk, body.monitor(), VmCall.owner(call.peer())));
                }));
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
        return VmCall.named(
                call,
                name -> VmCall.read(
                        call,
                        DetachBody.class,
                        body -> detached(call, new DetachRequest(name, body.disk(), body.monitor()))));
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

    private HttpAnswer guard(HttpCall call) {
        return VmCall.named(
                call,
                name -> VmCall.read(
                        call,
                        GuardBody.class,
                        body -> guarded(call, new GuardRequest(name, body.monitor(), VmCall.owner(call.peer())))));
    }

    private HttpAnswer guarded(HttpCall call, GuardRequest request) {
        return lifecycle
                .guard(request)
                .map(outcome -> switch (outcome) {
                    case GuardOutcome.Guarded(VmView vm) -> {
                        requests.guarded(call.peer(), vm);
                        yield HttpAnswer.ok(ApiJson.write(vm));
                    }
                    case GuardOutcome.NotGuarded(List<Problem> problems) -> refused(call, request.name(), problems);
                })
                .orElseGet(() -> VmCall.noSuchVm(request.name()));
    }

    private HttpAnswer refused(HttpCall call, VmName name, List<Problem> problems) {
        return HttpAnswer.refusal(requests.notChanged(call.peer(), name, problems));
    }
}
