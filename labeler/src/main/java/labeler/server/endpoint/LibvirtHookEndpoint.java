package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.api.Refusal;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.leftover.LibvirtFiles;
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.StartOutcome.NotStarted;
import labeler.lifecycle.StartOutcome.Started;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.linux.ShellWord;
import labeler.problem.IoReason;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;
import labeler.vm.libvirt.StaticLabel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of libvirt's hook (libvirt.org/hooks.html), of the host's libvirt alone. Three moments matter:
 *
 * <ul>
 *   <li>{@code migrate begin}, on the host to which a running domain moves: libvirt takes the XML of the answer for its own.
 *       The domain has a level already, where it runs, and its files have that level's labels. So the answer makes that its
 *       level here, and has a number by which the start that follows is known. A refusal fails the migration, and the domain runs on where it is.
 *   <li>{@code start begin}: libvirt has chosen the level and not yet relabelled anything. So the current labels are
 *       those to restore. A refusal fails the start.
 *   <li>{@code release end}: the process is gone and libvirt has restored the labels that it remembers. So the service
 *       restores the rest, and labels that libvirt set meanwhile and left (its XML is the VM at its end). Nothing can
 *       fail it.
 * </ul>
 *
 * Everything else is answered with "nothing to do": {@code prepare}, {@code started} and {@code stopped} come too early
 * or too late; a {@code restore} is followed by {@code start}; and a failed {@code reconnect} would kill a running VM.
 */
record LibvirtHookEndpoint(
        VmLifecycle lifecycle,
        Definitions definitions,
        RequestLog requests,
        LibvirtFiles libvirt,
        SelinuxHost selinux,
        HookedDomains domains,
        ArrivingDomains arriving) {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHookEndpoint.class);

    private static final String XML = "application/xml";

    private static final int ROOT = 0;

    private static final Problem NOT_MARKED = Problem.of(
            Problem.Kind.NOT_UNDERSTOOD,
            "libvirt's XML cannot be given the number by which its start here is known; take what is odd out of the domain's"
                    + " <metadata> (virsh edit), and start it again");

    /** A user of the service's group may have a libvirt of its own. Its domains are in none of this libvirt's files. */
    private static final Refusal NOT_OF_THE_HOST = new Refusal(
            Refusal.Status.NOT_PERMITTED,
            "NOT_PERMITTED",
            "only the host's own libvirt, which runs as root, has a hook here; install the hook again (labeler hook install"
                    + " libvirt), which leaves a user's session alone",
            List.of());

    @Inject
    LibvirtHookEndpoint {}

    Route route() {
        return new Route("POST", "/v1/hooks/libvirt/{name}/{operation}/{sub-operation}/{extra}", this::answer);
    }

    private HttpAnswer answer(HttpCall call) {
        if (call.peer().uid() != ROOT) {
            return HttpAnswer.refusalInWords(NOT_OF_THE_HOST);
        }
        return VmCall.named(call, name -> switch (call.parameter("operation") + " " + call.parameter("sub-operation")) {
            case "migrate begin" -> migrate(name, call);
            case "start begin" -> start(name, call);
            case "release end" -> release(name, call);
            default -> HttpAnswer.nothing();
        });
    }

    private HttpAnswer start(VmName name, HttpCall call) {
        domains.starting(name);
        VmDefinition definition = definitions.liveDomainXml(call.body(), persistent(name));
        Optional<Level> level = definition.processContext().flatMap(context -> Level.parse(context.level()));
        StartRequest request =
                request(name, definition, level, call, arriving.arrive(name, StaticLabel.number(call.body())));
        return switch (lifecycle.start(request)) {
            case Started(VmView vm) -> {
                requests.started(call.peer(), vm);
                announce(definition, vm, call.body());
                yield HttpAnswer.nothing();
            }
            case NotStarted(List<Problem> problems) -> refused(name, call, problems);
        };
    }

    private static StartRequest request(
            VmName name, VmDefinition definition, Optional<Level> level, HttpCall call, boolean isArriving) {
        return new StartRequest(
                        name,
                        definition,
                        Optional.empty(),
                        level,
                        Optional.empty(),
                        VmCall.owner(call.peer()),
                        StartRequest.Launch.ELSEWHERE)
                .by(
                        definition.wishes().labelledByLibvirt() ? StartedBy.LABELLING_LIBVIRT : StartedBy.LIBVIRT,
                        new StartRequest.Hook(call.peer().process(), isArriving));
    }

    /** Names the level in the XML that the domain has on the host from which it comes. */
    private HttpAnswer migrate(VmName name, HttpCall call) {
        arriving.forget(name);
        VmDefinition definition =
                definitions.liveDomainXml(call.body(), persistent(name)).withoutDrawnContext();
        if (definition.uuid().isEmpty()) {
            return HttpAnswer.nothing();
        }
        StartRequest request = request(name, definition, Optional.empty(), call, true);
        return switch (lifecycle.arrival(request)) {
            case ArrivalOutcome.Unknown() -> HttpAnswer.nothing();
            case ArrivalOutcome.Comes(String from, SecurityContext process) ->
                switch (StaticLabel.arriving(call.body(), process, selinux.isActive())) {
                    case StaticLabel.NotChanged(Problem problem) -> refused(name, call, List.of(problem));
                    case StaticLabel.AsItIs() -> comes(name, call, call.body(), from);
                    case StaticLabel.Relabelled(String xml) ->
                        comes(name, call, xml.getBytes(StandardCharsets.UTF_8), from);
                };
            case ArrivalOutcome.Refused(List<Problem> problems) -> refused(name, call, problems);
        };
    }

    /** Its start here is known by a number in the XML. */
    private HttpAnswer comes(VmName name, HttpCall call, byte[] xml, String from) {
        String number = ArrivingDomains.number();
        Optional<byte[]> marked = StaticLabel.numbered(xml, number);
        if (marked.isEmpty()) {
            return refused(name, call, List.of(NOT_MARKED));
        }
        LOG.info("VM {}: it comes from host {}", name, from);
        arriving.expect(name, number);
        return HttpAnswer.ok(XML, marked.get());
    }

    private HttpAnswer refused(VmName name, HttpCall call, List<Problem> problems) {
        return HttpAnswer.refusalInWords(requests.refused(call.peer(), name, problems));
    }

    /** The emulator of an adopted domain may exchange its monitor from now on. Where libvirt chooses no context, its emulator enters ours. */
    private void announce(VmDefinition definition, VmView vm, byte[] xml) {
        Optional<SecurityContext> libvirts = definition.processContext();
        Optional<SecurityContext> ours =
                libvirts.isPresent() || !selinux.isActive() ? Optional.empty() : Optional.of(vm.processContext());
        StartingDomain domain = new StartingDomain(
                vm.vm(),
                libvirts,
                definition.wishes().labelledByLibvirt(),
                ours,
                DomainEmulator.isLabelers(xml),
                !DomainEmulator.hasOwnArguments(xml));
        domains.started(domain);
    }

    /** The persistent definition, from its file, since libvirt waits for this hook. Without it nothing is declared. */
    private Optional<byte[]> persistent(VmName name) {
        try {
            return libvirt.definition(name);
        } catch (IOException e) {
            LOG.warn("VM {}: cannot tell which files its definition declares: {}", name, IoReason.of(e));
            return Optional.empty();
        }
    }

    /**
     * Handles the end of a VM. libvirt also calls this after a refused start, perhaps because another VM has the name. That
     * one runs on, whether its process is known or not: only what libvirt has started ends here.
     */
    private HttpAnswer release(VmName name, HttpCall call) {
        arriving.forget(name);
        Optional<String> sign = domains.signOfLife(name);
        if (sign.isPresent()) {
            LOG.warn(
                    "VM {}: libvirt releases it, but {}; it stays until that has ended (with libvirt.follow = false until"
                            + " labeler stop {})",
                    name,
                    sign.get(),
                    ShellWord.last(name.value()));
            return HttpAnswer.nothing();
        }
        lifecycle
                .release(name, definitions.domainXml(call.body()))
                .ifPresentOrElse(outcome -> released(name, call, outcome), () -> domains.ended(name));
        return HttpAnswer.nothing();
    }

    private void released(VmName name, HttpCall call, StopOutcome outcome) {
        switch (outcome) {
            case StopOutcome.NotStopped(Problem problem) ->
                LOG.warn("VM {}: libvirt releases it, but {}; it stays", name, problem.message());
            case StopOutcome.Stopped(VmReport report) -> {
                domains.ended(name);
                requests.changed(call.peer(), AuditEvent.STOP_REQUESTED, "stopped", report);
                if (lifecycle.status(name).isPresent()) {
                    domains.lingers(name);
                }
            }
        }
    }
}
