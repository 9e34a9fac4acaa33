package labeler.domain;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Binds the following of libvirt's domains. Needs the lifecycle, the settings, {@code Definitions}, {@code LibvirtFiles}, {@code LibvirtStates}. */
public final class DomainModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(Pace.class).toInstance(Pace.DEFAULT);
        bind(DomainReader.class).in(Scopes.SINGLETON);
        bind(Emulators.class).in(Scopes.SINGLETON);
        bind(DomainEnd.class).in(Scopes.SINGLETON);
        bind(DomainLook.class).in(Scopes.SINGLETON);
        bind(FollowedDomains.class).in(Scopes.SINGLETON);
        bind(DomainEvents.class).to(FollowedDomains.class);
    }
}
