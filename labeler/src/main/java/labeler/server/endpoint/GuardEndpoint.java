package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import labeler.api.ApiJson;
import labeler.api.GuardBody;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmView;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** The endpoint that puts a guard before the monitor of a running VM. */
final class GuardEndpoint {
    private final VmLifecycle lifecycle;
    private final RequestLog requests;

    @Inject
    GuardEndpoint(VmLifecycle lifecycle, RequestLog requests) {
        this.lifecycle = lifecycle;
        this.requests = requests;
    }

    Route route() {
        return new Route("POST", "/v1/vms/{name}/guard", this::guard);
    }

    private HttpAnswer guard(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (ApiJson.readBody(GuardBody.class, call.body())) {
            case NotUnderstood<GuardBody>(String message) -> HttpAnswer.usage(message);
            case Understood<GuardBody>(GuardBody body) ->
                guarded(call, new GuardRequest(name.get(), body.monitor(), VmCall.owner(call.peer())));
        };
    }

    private HttpAnswer guarded(HttpCall call, GuardRequest request) {
        return lifecycle
                .guard(request)
                .map(outcome -> switch (outcome) {
                    case GuardOutcome.Guarded(VmView vm) -> {
                        requests.guarded(call.peer(), vm);
                        yield HttpAnswer.ok(ApiJson.write(vm));
                    }
                    case GuardOutcome.NotGuarded(List<Problem> problems) ->
                        HttpAnswer.refusal(requests.notChanged(call.peer(), request.name(), problems));
                })
                .orElseGet(() -> VmCall.noSuchVm(request.name()));
    }
}
