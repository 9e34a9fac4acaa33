package labeler.server.endpoint;

import jakarta.inject.Inject;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.guard.emulator.StartingDomain;
import labeler.guard.record.AuditEvent;
import labeler.http.HttpAnswer;
import labeler.http.HttpCall;
import labeler.http.Route;
import labeler.leftover.LibvirtFiles;
import labeler.lifecycle.StartOutcome.NotStarted;
import labeler.lifecycle.StartOutcome.Started;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmView;
import labeler.linux.Pid;
import labeler.problem.IoReason;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.vm.StartedBy;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.DomainEmulator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The calls of libvirt's hook (libvirt.org/hooks.html). Two moments matter:
 *
 * <ul>
 *   <li>{@code start begin}: libvirt has chosen the level and not yet relabelled anything. So the current labels are
 *       those to restore. A refusal fails the start.
 *   <li>{@code release end}: the process is gone and libvirt has restored the labels that it remembers. So the service
 *       restores the rest, and labels that libvirt set meanwhile and left (its XML is the VM at its end). Nothing can
 *       fail it.
 * </ul>
 *
 * Everything else is answered with "nothing to do": {@code prepare}, {@code started} and {@code stopped} come too early
 * or too late; a {@code migrate} or {@code restore} is followed by {@code start}; and a failed {@code reconnect} would
 * kill a running VM.
 */
final class LibvirtHookEndpoint {
    private static final Logger LOG = LoggerFactory.getLogger(LibvirtHookEndpoint.class);

    private final VmLifecycle lifecycle;
    private final Definitions definitions;
    private final RequestLog requests;
    private final LibvirtFiles libvirt;
    private final SelinuxHost selinux;
    private final HookedDomains domains;

    @Inject
    LibvirtHookEndpoint(
            VmLifecycle lifecycle,
            Definitions definitions,
            RequestLog requests,
            LibvirtFiles libvirt,
            SelinuxHost selinux,
            HookedDomains domains) {
        this.lifecycle = lifecycle;
        this.definitions = definitions;
        this.requests = requests;
        this.libvirt = libvirt;
        this.selinux = selinux;
        this.domains = domains;
    }

    Route route() {
        return new Route("POST", "/v1/hooks/libvirt/{name}/{operation}/{sub-operation}/{extra}", this::answer);
    }

    private HttpAnswer answer(HttpCall call) {
        Optional<VmName> name = VmCall.vmName(call);
        if (name.isEmpty()) {
            return VmCall.badName();
        }
        return switch (call.parameter("operation") + " " + call.parameter("sub-operation")) {
            case "start begin" -> start(name.get(), call);
            case "release end" -> release(name.get(), call);
            default -> HttpAnswer.nothing();
        };
    }

    private HttpAnswer start(VmName name, HttpCall call) {
        domains.starting(name);
        VmDefinition definition = definitions.liveDomainXml(call.body(), persistent(name));
        Optional<Level> level = definition.processContext().flatMap(context -> Level.parse(context.level()));
        StartRequest request = new StartRequest(
                        name,
                        definition,
                        Optional.empty(),
                        level,
                        Optional.empty(),
                        VmCall.owner(call.peer()),
                        StartRequest.Launch.ELSEWHERE)
                .by(
                        definition.wishes().labelledByLibvirt() ? StartedBy.LABELLING_LIBVIRT : StartedBy.LIBVIRT,
                        call.peer().pid());
        return switch (lifecycle.start(request)) {
            case Started(VmView vm) -> {
                requests.started(call.peer(), vm);
                announce(definition, vm, call.body());
                yield HttpAnswer.nothing();
            }
            case NotStarted(List<Problem> problems) ->
                HttpAnswer.refusalInWords(requests.refused(call.peer(), name, problems));
        };
    }

    /** Its emulator may exchange its monitor from now on. Where libvirt chooses no context, its emulator enters ours. */
    private void announce(VmDefinition definition, VmView vm, byte[] xml) {
        Optional<SecurityContext> libvirts = definition.processContext();
        Optional<SecurityContext> ours =
                libvirts.isPresent() || !selinux.isActive() ? Optional.empty() : Optional.of(vm.processContext());
        StartingDomain domain = new StartingDomain(
                vm.vm(), libvirts, definition.wishes().labelledByLibvirt(), ours, !DomainEmulator.hasOwnArguments(xml));
        domains.started(domain);
    }

    /** The persistent definition, from its file, since libvirt waits for this hook. Without it nothing is declared. */
    private Optional<byte[]> persistent(VmName name) {
        try {
            return libvirt.definition(name);
        } catch (IOException e) {
            LOG.warn("VM {}: what its definition declares is not known: {}", name, IoReason.of(e));
            return Optional.empty();
        }
    }

    /**
     * Handles the end of a VM. libvirt also calls this after a refused start, perhaps because another VM has the name.
     * A VM with a known process was not started by libvirt, and ends with its process.
     */
    private HttpAnswer release(VmName name, HttpCall call) {
        Optional<Pid> pid = lifecycle.status(name).flatMap(VmView::pid);
        if (pid.isPresent()) {
            LOG.warn("VM {}: libvirt releases it, but it belongs to process {}; it stays", name, pid.get());
            return HttpAnswer.nothing();
        }
        Optional<String> sign = domains.signOfLife(name);
        if (sign.isPresent()) {
            LOG.warn("VM {}: libvirt releases it, but {}; it stays until that has ended", name, sign.get());
            return HttpAnswer.nothing();
        }
        domains.ended(name);
        Optional<VmDefinition> last = Optional.of(definitions.domainXml(call.body()));
        lifecycle
                .stop(name, last)
                .ifPresent(report -> requests.changed(call.peer(), AuditEvent.STOP_REQUESTED, "stopped", report));
        if (lifecycle.status(name).isPresent()) {
            domains.lingers(name);
        }
        return HttpAnswer.nothing();
    }
}
