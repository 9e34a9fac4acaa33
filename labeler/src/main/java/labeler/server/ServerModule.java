package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.util.ArrayList;
import java.util.List;
import labeler.config.Config;
import labeler.config.ImageConfig;
import labeler.config.LabelConfig;
import labeler.config.LaunchConfig;
import labeler.config.McsConfig;
import labeler.config.ServiceConfig;
import labeler.http.HttpService;
import labeler.http.Limits;
import labeler.http.Route;
import labeler.http.Router;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.leftover.LibvirtFiles;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;

/** The settings and the HTTP service. Needs a {@code VmLifecycle}, {@code Definitions} and {@code UnixSockets}. */
final class ServerModule extends AbstractModule {
    private final Config config;
    private final PeerRules rules;
    private final Limits limits;

    ServerModule(Config config, PeerRules rules, Limits limits) {
        this.config = config;
        this.rules = rules;
        this.limits = limits;
    }

    @Override
    protected void configure() {
        bind(ServiceConfig.class).toInstance(config.service());
        bind(McsConfig.class).toInstance(config.mcs());
        bind(LabelConfig.class).toInstance(config.label());
        bind(ImageConfig.class).toInstance(config.image());
        bind(LaunchConfig.class).toInstance(config.launch());
        bind(LandlockPolicy.class).toInstance(config.launch().policy());
        bind(PeerRules.class).toInstance(rules);
        bind(Limits.class).toInstance(limits);
        bind(Closing.class).toInstance(new Closing());
        bind(RequestLog.class).in(Scopes.SINGLETON);
        bind(VmEndpoints.class).in(Scopes.SINGLETON);
        bind(DiskEndpoints.class).in(Scopes.SINGLETON);
        bind(TrustEndpoint.class).in(Scopes.SINGLETON);
        bind(LibvirtFiles.class).toInstance(LibvirtFiles.SYSTEM);
        bind(LibvirtHookEndpoint.class).in(Scopes.SINGLETON);
        bind(ScanEndpoint.class).in(Scopes.SINGLETON);
        bind(InfoEndpoints.class).in(Scopes.SINGLETON);
        bind(HttpService.class).in(Scopes.SINGLETON);
        bind(Handovers.class).toInstance(new Handovers());
        bind(DescriptorServer.class).in(Scopes.SINGLETON);
        bind(Metrics.class).toInstance(new Metrics());
    }

    @Provides
    @Singleton
    Router router(
            VmEndpoints vms,
            DiskEndpoints disks,
            TrustEndpoint trust,
            LibvirtHookEndpoint hook,
            ScanEndpoint scan,
            InfoEndpoints info) {
        List<Route> routes = new ArrayList<>(vms.routes());
        routes.addAll(disks.routes());
        routes.add(trust.route());
        routes.add(hook.route());
        routes.add(scan.route());
        routes.addAll(info.routes());
        return new Router(routes);
    }
}
