package labeler.guard.place;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Guarded monitors. Needs {@code Judges}, {@code PeerRules} and the sockets that the service keeps. */
public final class PlaceModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(RealMonitors.class).in(Scopes.SINGLETON);
        bind(ClientRules.class).in(Scopes.SINGLETON);
        bind(GuardedVms.class).in(Scopes.SINGLETON);
    }
}
