package labeler.server.endpoint;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.util.List;
import java.util.stream.Stream;
import labeler.explain.Explainer;
import labeler.http.Route;
import labeler.http.Router;

/** Binds the endpoints, and the router that knows their paths. */
public final class EndpointsModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(RequestLog.class).in(Scopes.SINGLETON);
        bind(Checks.class).in(Scopes.SINGLETON);
        bind(VmEndpoints.class).in(Scopes.SINGLETON);
        bind(DiskEndpoints.class).in(Scopes.SINGLETON);
        bind(TrustEndpoint.class).in(Scopes.SINGLETON);
        bind(HookedDomains.class).in(Scopes.SINGLETON);
        bind(ArrivingDomains.class).in(Scopes.SINGLETON);
        bind(LibvirtHookEndpoint.class).in(Scopes.SINGLETON);
        bind(ScanEndpoint.class).in(Scopes.SINGLETON);
        bind(EventsEndpoint.class).in(Scopes.SINGLETON);
        bind(Explainer.class).in(Scopes.SINGLETON);
        bind(ExplainEndpoint.class).in(Scopes.SINGLETON);
        bind(InfoEndpoints.class).in(Scopes.SINGLETON);
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
    Router router(
            VmEndpoints vms,
            DiskEndpoints disks,
            TrustEndpoint trust,
            LibvirtHookEndpoint hook,
            ScanEndpoint scan,
            AuditRoutes audit,
            InfoEndpoints info) {
        Stream<Route> one = Stream.of(trust.route(), hook.route(), scan.route());
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
