package labeler.guard.place;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/**
 * Guarded monitors. Needs the judges and the relays, the rules about peers, the sockets that the service keeps, the journal, the
 * processes with their contexts, and the settings of the service.
 */
public final class PlaceModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(RealMonitors.class).in(Scopes.SINGLETON);
        bind(ClientRules.class).in(Scopes.SINGLETON);
        bind(GuardedVms.class).in(Scopes.SINGLETON);
    }
}
