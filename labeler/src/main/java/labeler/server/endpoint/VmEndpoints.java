package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.api.ApiJson;
import labeler.api.BriefVm;
import labeler.api.Definitions;
import labeler.api.Refusal;
import labeler.api.Report;
import labeler.api.StartAnswer;
import labeler.api.StartBody;
import labeler.api.VmOverview;
import labeler.config.ServiceConfig;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.json.RecordJson.NotUnderstood;
import labeler.json.RecordJson.Result;
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
import labeler.server.form.AnswerForm;
import labeler.vm.VmName;

/** Endpoints about VMs. */
final class VmEndpoints {
    private static final String PLAIN = "text/plain; charset=utf-8";

    private static final Set<String> TEXT = Set.of(AnswerForm.TEXT);

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
                new Route("GET", "/v1/vms", Set.of(VmCall.BRIEF, VmCall.OVERVIEW), TEXT, this::list, Route.Effort.NONE),
                Route.light("GET", "/v1/names", _ -> HttpAnswer.ok(PLAIN, names())),
                new Route("GET", "/v1/vms/{name}", Set.of(), TEXT, this::status, Route.Effort.NONE),
                new Route(
                        "POST", "/v1/vms/{name}/start", Set.of(VmCall.ARGUMENTS), TEXT, this::start, Route.Effort.WORK),
                new Route(
                        "POST",
                        "/v1/vms/{name}/stop",
                        Set.of(VmCall.UNLESS_RUNNING, VmCall.KILL),
                        TEXT,
                        this::stop,
                        Route.Effort.WORK),
                new Route("POST", "/v1/vms/{name}/relabel", Set.of(VmCall.DRY_RUN), this::relabel),
                new Route("POST", "/v1/vms/{name}/verify", this::verifyOne),
                new Route("POST", "/v1/plan", this::plan),
                new Route("POST", "/v1/verify", _ -> verifyAll()),
                new Route(
                        "POST",
                        "/v1/recover",
                        Set.of(VmCall.DRY_RUN, VmCall.FORGET_LOST, VmCall.LOST_TABLES),
                        this::recover),
                new Route("GET", "/v1/matrix", _ -> matrix(lifecycle.matrix(Optional.empty()))),
                new Route("GET", "/v1/vms/{name}/matrix", Set.of(VmCall.OWN), this::matrixOfOne));
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
        return formed(call, form -> switch (startBody(call)) {
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
                started(call.peer(), request(body, name.get(), call.peer()), form);
        });
    }

    /** The kernel has said which process asks: by its number alone it could be another one later. */
    private StartRequest request(StartBody body, VmName name, PeerIdentity peer) {
        StartRequest request = body.request(name, definitions, VmCall.owner(peer));
        return body.isRun() ? peer.process().map(request::with).orElse(request) : request;
    }

    private static Result<StartBody> startBody(HttpCall call) {
        return call.isOn(VmCall.ARGUMENTS)
                ? StartBody.ofCommandLine(call.body())
                : ApiJson.readBody(StartBody.class, call.body());
    }

    /** Starts a VM. It stays started even if the client has gone before the answer. */
    private HttpAnswer started(PeerIdentity peer, StartRequest request, AnswerForm form) {
        return switch (lifecycle.start(request)) {
            case Started(VmView vm) -> {
                checks.forget(vm.vm());
                requests.started(peer, vm);
                yield form.started(StartAnswer.of(vm, descriptorSocket));
            }
            case NotStarted(List<Problem> problems) -> form.refused(requests.refused(peer, request.name(), problems));
        };
    }

    private HttpAnswer plan(HttpCall call) {
        return VmCall.read(
                call,
                StartBody.class,
                body -> body.name()
                        .map(name -> planned(body.request(name, definitions, VmCall.owner(call.peer()))))
                        .orElseGet(() -> HttpAnswer.usage("the body: a plan needs a \"name\" for the VM")));
    }

    /** Makes a plan. A plan with problems is also an answer. The client says how a start would end. */
    private HttpAnswer planned(StartRequest request) {
        return switch (lifecycle.plan(request)) {
            case PlanOutcome.Planned(VmView vm) -> HttpAnswer.ok(ApiJson.write(vm));
            case PlanOutcome.NotPlanned(List<Problem> problems) -> HttpAnswer.refusal(Refusal.because(problems));
        };
    }

    /** All VMs, each answered in its turn. In text and in brief a VM comes without its files. */
    private HttpAnswer list(HttpCall call) {
        boolean isText = call.value(AnswerForm.TEXT).isPresent();
        if (!isText && call.isOn(VmCall.OVERVIEW)) {
            return HttpAnswer.ok(
                    each(name -> checks.status(name).map(VmOverview::of).map(ApiJson::write)));
        }
        return !isText && !call.isOn(VmCall.BRIEF)
                ? HttpAnswer.ok(each(name -> checks.status(name).map(ApiJson::write)))
                : formed(
                        call,
                        form -> form.list(lifecycle.names().stream()
                                .map(lifecycle::status)
                                .flatMap(Optional::stream)
                                .map(BriefVm::of)));
    }

    private HttpAnswer status(HttpCall call) {
        return VmCall.named(
                call,
                name -> formed(
                        call,
                        form -> checks.status(name)
                                .map(form::status)
                                .orElseGet(() -> form.refused(VmCall.unknown(name)))));
    }

    private HttpAnswer stop(HttpCall call) {
        return VmCall.named(call, name -> formed(call, form -> stop(call, name, form)));
    }

    private HttpAnswer stop(HttpCall call, VmName name, AnswerForm form) {
        Optional<StopOutcome> outcome = lifecycle.stop(
                new StopRequest(name, VmCall.whileRunning(call), call.peer().uid()));
        if (outcome.isEmpty()) {
            return form.refused(VmCall.unknown(name));
        }
        return switch (outcome.get()) {
            case StopOutcome.Stopped(VmReport report) -> {
                checks.forget(name);
                requests.changed(call.peer(), AuditEvent.STOP_REQUESTED, "stopped", report);
                yield form.stopped(Report.Stopped.of(report));
            }
            case StopOutcome.NotStopped(Problem problem) -> form.refused(Refusal.because(List.of(problem)));
        };
    }

    /** Nothing is done for a client that wants a form that there is not. */
    private static HttpAnswer formed(HttpCall call, Function<AnswerForm, HttpAnswer> answer) {
        return switch (AnswerForm.of(call)) {
            case AnswerForm.Chosen(AnswerForm form) -> answer.apply(form);
            case AnswerForm.Unknown(HttpAnswer refusal) -> refusal;
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
        return VmCall.named(
                call,
                name -> lifecycle.status(name).isEmpty()
                        ? VmCall.noSuchVm(name)
                        : matrix(
                                call.isOn(VmCall.OWN)
                                        ? lifecycle.ownMatrix(name)
                                        : lifecycle.matrix(Optional.of(name))));
    }

    private static HttpAnswer matrix(MatrixOutcome outcome) {
        return switch (outcome) {
            case MatrixOutcome.Shown(Matrix matrix) -> HttpAnswer.ok(ApiJson.lists(matrix));
            case MatrixOutcome.NotShown(Problem problem) -> HttpAnswer.refusal(Refusal.because(List.of(problem)));
        };
    }

    private static HttpAnswer named(HttpCall call, Function<VmName, Optional<? extends Json>> question) {
        return VmCall.named(call, name -> {
            Optional<? extends Json> found = question.apply(name);
            return found.isPresent() ? HttpAnswer.ok(found.get()) : VmCall.noSuchVm(name);
        });
    }
}
