package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;
import labeler.explain.Explainer;
import labeler.guard.emulator.MonitorHandover;
import labeler.guard.emulator.StartingDomains;
import labeler.http.HttpService;
import labeler.http.Limits;
import labeler.http.Route;
import labeler.http.Router;
import labeler.launch.Handovers;
import labeler.leftover.LibvirtStates;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;

/**
 * The service on its sockets. Needs the settings, a {@code VmLifecycle}, a {@code DomainGuard}, {@code DomainLabels},
 * {@code DomainEvents}, {@code LibvirtFiles}, {@code LibvirtStates},
 * {@code Definitions}, {@code SelinuxHost}, {@code UnixSockets}, {@code OwnProcess}, {@code ServiceManager} and the audit
 * log.
 */
final class ServiceModule extends AbstractModule {
    private final PeerRules rules;
    private final Limits limits;

    ServiceModule(PeerRules rules, Limits limits) {
        this.rules = rules;
        this.limits = limits;
    }

    @Override
    protected void configure() {
        bind(PeerRules.class).toInstance(rules);
        bind(Limits.class).toInstance(limits);
        bind(Metrics.class).toInstance(new Metrics());
        bind(Handovers.class).toInstance(new Handovers());
        bind(RequestLog.class).in(Scopes.SINGLETON);
        bind(Checks.class).in(Scopes.SINGLETON);
        bind(VmEndpoints.class).in(Scopes.SINGLETON);
        bind(DiskEndpoints.class).in(Scopes.SINGLETON);
        bind(GuardEndpoint.class).in(Scopes.SINGLETON);
        bind(TrustEndpoint.class).in(Scopes.SINGLETON);
        bind(HookedDomains.class).in(Scopes.SINGLETON);
        bind(LibvirtHookEndpoint.class).in(Scopes.SINGLETON);
        bind(ScanEndpoint.class).in(Scopes.SINGLETON);
        bind(EventsEndpoint.class).in(Scopes.SINGLETON);
        bind(Explainer.class).in(Scopes.SINGLETON);
        bind(ExplainEndpoint.class).in(Scopes.SINGLETON);
        bind(InfoEndpoints.class).in(Scopes.SINGLETON);
        bind(HttpService.class).in(Scopes.SINGLETON);
        bind(DescriptorServer.class).in(Scopes.SINGLETON);
        bind(MonitorHandover.class).in(Scopes.SINGLETON);
        bind(EmulatorServer.class).in(Scopes.SINGLETON);
        bind(Service.class).in(Scopes.SINGLETON);
    }

    /** The endpoints that read the audit log. */
    record AuditRoutes(List<Route> routes) {}

    @Provides
    @Singleton
    AuditRoutes audit(EventsEndpoint events, ExplainEndpoint explain) {
        return new AuditRoutes(List.of(events.route(), explain.route()));
    }

    @Provides
    @Singleton
    StartingDomains starting(LibvirtStates libvirt) {
        return new StartingDomains(libvirt::process);
    }

    @Provides
    @Singleton
    Router router(
            VmEndpoints vms,
            DiskEndpoints disks,
            GuardEndpoint guard,
            TrustEndpoint trust,
            LibvirtHookEndpoint hook,
            ScanEndpoint scan,
            AuditRoutes audit,
            InfoEndpoints info) {
        Stream<Route> one = Stream.of(guard.route(), trust.route(), hook.route(), scan.route());
        return new Router(Stream.of(
                        vms.routes().stream(),
                        disks.routes().stream(),
                        one,
                        audit.routes().stream(),
                        info.routes().stream())
                .flatMap(routes -> routes)
                .toList());
    }
}
