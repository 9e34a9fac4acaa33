package labeler.server;

import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.api.ApiJson;
import labeler.api.Definitions;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.api.StartAnswer;
import labeler.api.StartBody;
import labeler.config.ServiceConfig;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Understood;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartOutcome.NotStarted;
import labeler.lifecycle.StartOutcome.Started;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.StopRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** Endpoints about VMs. */
final class VmEndpoints {
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final VmLifecycle lifecycle;
    private final Definitions definitions;
    private final RequestLog requests;
    private final Checks checks;
    private final HostPath descriptorSocket;

    @Inject
    VmEndpoints(
            VmLifecycle lifecycle, Definitions definitions, RequestLog requests, Checks checks, ServiceConfig config) {
        this.lifecycle = lifecycle;
        this.definitions = definitions;
        this.requests = requests;
        this.checks = checks;
        this.descriptorSocket = HostPath.of(config.descriptorSocket());
    }

    List<Route> routes() {
        return List.of(
                Route.light("GET", "/v1/vms", _ -> HttpAnswer.ok(each(this::status))),
                Route.light("GET", "/v1/names", _ -> HttpAnswer.ok(PLAIN, names())),
                Route.light("GET", "/v1/vms/{name}", call -> named(call, this::status)),
                new Route("POST", "/v1/vms/{name}/start", this::start),
                new Route("POST", "/v1/vms/{name}/stop", Set.of(VmCall.UNLESS_RUNNING, VmCall.KILL), this::stop),
                new Route("POST", "/v1/vms/{name}/relabel", Set.of(VmCall.DRY_RUN), this::relabel),
                new Route("POST", "/v1/vms/{name}/verify", this::verifyOne),
                new Route("POST", "/v1/plan", this::plan),
                new Route("POST", "/v1/verify", _ -> verifyAll()),
                new Route(
                        "POST",
                        "/v1/recover",
                        Set.of(VmCall.DRY_RUN, VmCall.FORGET_LOST, VmCall.LOST_TABLES),
                        this::recover),
                new Route("GET", "/v1/matrix", _ -> matrix(Optional.empty())),
                new Route("GET", "/v1/vms/{name}/matrix", this::matrixOfOne));
    }

    /** One a line: a shell that completes a name reads this in no time, and needs no JSON. */
    private byte[] names() {
        StringBuilder names = new StringBuilder();
        lifecycle.names().forEach(name -> names.append(name.value()).append('\n'));
        return names.toString().getBytes(StandardCharsets.UTF_8);
    }

    private HttpAnswer start(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (ApiJson.readBody(StartBody.class, call.body())) {
            case NotUnderstood<StartBody>(String message) -> HttpAnswer.usage(message);
            case Understood<StartBody>(StartBody body)
            when body.name().isPresent() ->
                HttpAnswer.usage("the body: \"name\" belongs to a plan; a start has it in its URL");
            case Understood<StartBody>(StartBody body)
            when body.isRun() && !body.pid().equals(Optional.of(call.peer().pid())) ->
                HttpAnswer.usage(
                        "the body: \"launch\": \"run\" is for a process that starts itself: its \"pid\" has to be its own");
            case Understood<StartBody>(StartBody body)
            when body.isRun() && call.peer().process().isEmpty() ->
                HttpAnswer.usage("the process that asks for a start has ended");
            case Understood<StartBody>(StartBody body) ->
                started(call.peer(), body.request(name.get(), definitions, VmCall.owner(call.peer())));
        };
    }

    /** Starts a VM. It stays started even if the client has gone before the answer. */
    private HttpAnswer started(PeerIdentity peer, StartRequest request) {
        return switch (lifecycle.start(request)) {
            case Started(VmView vm) -> {
                checks.forget(vm.vm());
                requests.started(peer, vm);
                yield HttpAnswer.ok(ApiJson.write(StartAnswer.of(vm, descriptorSocket)));
            }
            case NotStarted(List<Problem> problems) ->
                HttpAnswer.refusal(requests.refused(peer, request.name(), problems));
        };
    }

    private HttpAnswer plan(HttpCall call) {
        return switch (ApiJson.readBody(StartBody.class, call.body())) {
            case NotUnderstood<StartBody>(String message) -> HttpAnswer.usage(message);
            case Understood<StartBody>(StartBody body) ->
                body.name()
                        .map(name -> planned(body.request(name, definitions, VmCall.owner(call.peer()))))
                        .orElseGet(() -> HttpAnswer.usage("the body: a plan needs a \"name\" for the VM"));
        };
    }

    /** Makes a plan. A plan with problems is also an answer. The client says how a start would end. */
    private HttpAnswer planned(StartRequest request) {
        return switch (lifecycle.plan(request)) {
            case PlanOutcome.Planned(VmView vm) -> HttpAnswer.ok(ApiJson.write(vm));
            case PlanOutcome.NotPlanned(List<Problem> problems) -> HttpAnswer.refusal(Refusal.because(problems));
        };
    }

    private Optional<Json> status(VmName name) {
        return checks.status(name).map(ApiJson::write);
    }

    private HttpAnswer stop(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        Optional<StopOutcome> outcome = lifecycle.stop(new StopRequest(
                name.get(), VmCall.whileRunning(call), call.peer().uid()));
        if (outcome.isEmpty()) {
            return VmCall.noSuchVm(name.get());
        }
        return switch (outcome.get()) {
            case StopOutcome.Stopped(VmReport report) -> {
                checks.forget(name.get());
                requests.changed(call.peer(), AuditEvent.STOP_REQUESTED, "stopped", report);
                yield HttpAnswer.ok(ApiJson.write(Report.Stopped.of(report)));
            }
            case StopOutcome.NotStopped(Problem problem) -> HttpAnswer.refusal(Refusal.because(List.of(problem)));
        };
    }

    private Optional<Json> verify(VmName name) {
        return checks.verify(name).map(ApiJson::write);
    }

    private HttpAnswer verifyOne(HttpCall call) {
        checks.retain(lifecycle.names());
        return named(call, this::verify);
    }

    private HttpAnswer verifyAll() {
        checks.retain(lifecycle.names());
        return HttpAnswer.ok(each(this::verify));
    }

    private HttpAnswer relabel(HttpCall call) {
        boolean dryRun = VmCall.isDryRun(call);
        return named(
                call,
                name -> (dryRun ? lifecycle.relabel(name, true) : relabelled(call.peer(), name))
                        .map(report -> ApiJson.write(Report.Relabelled.of(report))));
    }

    private Optional<VmReport> relabelled(PeerIdentity peer, VmName name) {
        Optional<VmReport> report = lifecycle.relabel(name, false);
        // Where a label could not be set, the drift that is known is still there.
        if (report.filter(vm -> Report.Relabelled.of(vm).report().isFailure()).isEmpty()) {
            checks.forget(name);
        }
        report.ifPresent(vm -> requests.changed(peer, AuditEvent.VM_RELABELLED, "relabelled", vm));
        return report;
    }

    /** Answers for all VMs, each made in its turn. A VM that was stopped meanwhile is left out. */
    private JsonLists each(Function<VmName, Optional<Json>> question) {
        return JsonLists.of("vms", lifecycle.names().stream().map(question).flatMap(Optional::stream));
    }

    private HttpAnswer recover(HttpCall call) {
        boolean dryRun = VmCall.isDryRun(call);
        if (!dryRun && VmCall.replacesLostTables(call)) {
            lifecycle.replaceLostTables();
        }
        RecoveryReport report = lifecycle.recover(dryRun, VmCall.forgetsLost(call));
        if (!dryRun) {
            requests.recovered(call.peer(), report);
        }
        return HttpAnswer.ok(ApiJson.lists(Report.Recovered.of(report)));
    }

    private HttpAnswer matrixOfOne(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return lifecycle.status(name.get()).isPresent() ? matrix(name) : VmCall.noSuchVm(name.get());
    }

    private HttpAnswer matrix(Optional<VmName> name) {
        return switch (lifecycle.matrix(name)) {
            case MatrixOutcome.Shown(Matrix matrix) -> HttpAnswer.ok(ApiJson.lists(matrix));
            case MatrixOutcome.NotShown(Problem problem) -> HttpAnswer.refusal(Refusal.because(List.of(problem)));
        };
    }

    private static HttpAnswer named(HttpCall call, Function<VmName, Optional<? extends Json>> question) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        Optional<? extends Json> found = question.apply(name.get());
        return found.isPresent() ? HttpAnswer.ok(found.get()) : VmCall.noSuchVm(name.get());
    }
}
