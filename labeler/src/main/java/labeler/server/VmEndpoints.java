package labeler.server;

import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import labeler.api.Definitions;
import labeler.api.Refusal;
import labeler.api.Refusal.Reason;
import labeler.api.StartBody;
import labeler.api.StartBodyReader;
import labeler.api.VmJson;
import labeler.config.ServiceConfig;
import labeler.json.Json;
import labeler.json.JsonLists;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartOutcome.NotStarted;
import labeler.lifecycle.StartOutcome.Started;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import labeler.problem.Problem;
import labeler.vm.VmName;

/** What can be asked about VMs. */
final class VmEndpoints {
    private final VmLifecycle lifecycle;
    private final Definitions definitions;
    private final Bookkeeping books;
    private final HostPath descriptorSocket;

    @Inject
    VmEndpoints(VmLifecycle lifecycle, Definitions definitions, Bookkeeping books, ServiceConfig config) {
        this.lifecycle = lifecycle;
        this.definitions = definitions;
        this.books = books;
        this.descriptorSocket = HostPath.of(config.descriptorSocket());
    }

    List<Route> routes() {
        return List.of(
                Route.light("GET", "/v1/vms", _ -> Answer.ok(each(this::status))),
                Route.light("GET", "/v1/vms/{name}", call -> named(call, this::status)),
                new Route("POST", "/v1/vms/{name}/start", this::start),
                new Route("POST", "/v1/vms/{name}/stop", this::stop),
                new Route("POST", "/v1/vms/{name}/relabel", Set.of(Call.DRY_RUN), this::relabel),
                new Route("POST", "/v1/vms/{name}/verify", call -> named(call, this::verify)),
                new Route("POST", "/v1/plan", this::plan),
                new Route("POST", "/v1/verify", _ -> Answer.ok(each(this::verify))),
                new Route("POST", "/v1/recover", Set.of(Call.DRY_RUN, Call.FORGET_LOST), this::recover),
                new Route("GET", "/v1/matrix", _ -> matrix(Optional.empty())),
                new Route("GET", "/v1/vms/{name}/matrix", this::matrixOfOne));
    }

    private Answer start(Call call) {
        Optional<VmName> name = call.vmName();
        if (name.isEmpty()) {
            return badName();
        }
        return switch (StartBodyReader.read(call.body())) {
            case StartBodyReader.Unusable(String message) -> usage(message);
            case StartBodyReader.Body(StartBody body)
            when body.name().isPresent() -> usage("the body: \"name\" belongs to a plan; a start has it in its URL");
            case StartBodyReader.Body(StartBody body)
            when body.launch() == StartRequest.Launch.RUN
                    && !body.pid().equals(Optional.of(call.peer().pid())) ->
                usage(
                        "the body: \"launch\": \"run\" is for a process that starts itself: its \"pid\" has to be its own");
            case StartBodyReader.Body(StartBody body)
            when body.launch() == StartRequest.Launch.RUN
                    && call.peer().process().isEmpty() -> usage("the process that asks for a start has ended");
            case StartBodyReader.Body(StartBody body) ->
                started(call.peer(), body.request(name.get(), definitions, owner(call.peer())));
        };
    }

    /** Nobody waits for the answer, perhaps: a VM whose client has gone meanwhile stays started. */
    private Answer started(PeerIdentity peer, StartRequest request) {
        return switch (lifecycle.start(request)) {
            case Started(VmView vm) -> {
                books.started(peer, vm);
                yield Answer.ok(VmJson.started(vm, descriptorSocket));
            }
            case NotStarted(List<Problem> problems) -> Answer.refusal(books.refused(peer, request.name(), problems));
        };
    }

    private Answer plan(Call call) {
        return switch (StartBodyReader.read(call.body())) {
            case StartBodyReader.Unusable(String message) -> usage(message);
            case StartBodyReader.Body(StartBody body) ->
                body.name()
                        .map(name -> planned(body.request(name, definitions, owner(call.peer()))))
                        .orElseGet(() -> usage("the body: a plan needs a \"name\" for the VM"));
        };
    }

    /** A plan with problems is an answer all the same; what a start would say of them is for the client to tell. */
    private Answer planned(StartRequest request) {
        return switch (lifecycle.plan(request)) {
            case PlanOutcome.Planned(VmView vm) -> Answer.ok(VmJson.vm(vm));
            case PlanOutcome.NotPlanned(List<Problem> problems) -> Answer.refusal(Refusal.because(problems));
        };
    }

    private Optional<Json> status(VmName name) {
        return lifecycle.status(name).map(VmJson::vm);
    }

    private Answer stop(Call call) {
        return named(
                call,
                name -> noted(call.peer(), "stopped", lifecycle.stop(name)).map(VmJson::stop));
    }

    private Optional<Json> verify(VmName name) {
        return lifecycle.verify(name).map(VmJson::verify);
    }

    private Answer relabel(Call call) {
        boolean dryRun = call.dryRun();
        return named(
                call,
                name -> (dryRun
                                ? lifecycle.relabel(name, true)
                                : noted(call.peer(), "relabelled", lifecycle.relabel(name, false)))
                        .map(VmJson::relabel));
    }

    /** About each VM, asked when it is its turn; one that is stopped meanwhile is not there any more. */
    private JsonLists each(Function<VmName, Optional<Json>> question) {
        return JsonLists.of("vms", lifecycle.names().stream().map(question).flatMap(Optional::stream));
    }

    private Answer recover(Call call) {
        boolean dryRun = call.dryRun();
        RecoveryReport report = lifecycle.recover(dryRun, call.forgetLost());
        if (!dryRun) {
            books.recovered(call.peer(), report);
        }
        return Answer.ok(VmJson.recover(report));
    }

    private Answer matrixOfOne(Call call) {
        Optional<VmName> name = call.vmName();
        if (name.isEmpty()) {
            return badName();
        }
        return lifecycle.status(name.get()).isPresent() ? matrix(name) : noSuchVm(name.get());
    }

    private Answer matrix(Optional<VmName> name) {
        return switch (lifecycle.matrix(name)) {
            case MatrixOutcome.Shown(Matrix matrix) -> Answer.ok(VmJson.matrix(matrix));
            case MatrixOutcome.NotShown(Problem problem) -> Answer.refusal(Refusal.because(List.of(problem)));
        };
    }

    private Optional<VmReport> noted(PeerIdentity peer, String what, Optional<VmReport> report) {
        report.ifPresent(vm -> books.changed(peer, what, vm));
        return report;
    }

    private static Answer named(Call call, Function<VmName, Optional<? extends Json>> question) {
        Optional<VmName> name = call.vmName();
        if (name.isEmpty()) {
            return badName();
        }
        Optional<? extends Json> found = question.apply(name.get());
        return found.isPresent() ? Answer.ok(found.get()) : noSuchVm(name.get());
    }

    private static Answer noSuchVm(VmName name) {
        return Answer.refusal(
                Refusal.because(Reason.NO_SUCH_VM, "no VM named " + name + " is held; labeler status lists them"));
    }

    static Answer badName() {
        return usage("a VM's name has 1 to 255 characters, none of them a slash or a control character");
    }

    static Answer usage(String message) {
        return Answer.refusal(Refusal.because(Reason.USAGE, message));
    }

    /** Files that a start creates belong to whoever asked for it, so nobody can have root's made for them. */
    static StartRequest.Owner owner(PeerIdentity peer) {
        return new StartRequest.Owner(peer.uid(), peer.gid());
    }
}
