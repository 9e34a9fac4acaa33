package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import labeler.guard.emulator.MonitorHandover;
import labeler.guard.emulator.StartingDomains;
import labeler.http.HttpHandler;
import labeler.http.HttpService;
import labeler.http.Limits;
import labeler.http.Workers;
import labeler.launch.Handovers;
import labeler.leftover.LibvirtStates;
import labeler.listen.PeerRules;
import labeler.metrics.Metrics;
import labeler.server.endpoint.EndpointsModule;

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
        install(new EndpointsModule());
        bind(Workers.class).in(Scopes.SINGLETON);
        bind(HttpHandler.class).in(Scopes.SINGLETON);
        bind(HttpService.class).in(Scopes.SINGLETON);
        bind(DescriptorServer.class).in(Scopes.SINGLETON);
        bind(MonitorHandover.class).in(Scopes.SINGLETON);
        bind(EmulatorServer.class).in(Scopes.SINGLETON);
        bind(Rehearsal.class).in(Scopes.SINGLETON);
        bind(Service.class).in(Scopes.SINGLETON);
    }

    @Provides
    @Singleton
    StartingDomains starting(LibvirtStates libvirt) {
        return new StartingDomains(libvirt::process);
    }
}
