package labeler.lifecycle.stop;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** The end of VMs. */
public final class StopModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(LibvirtCleanup.class).in(Scopes.SINGLETON);
        bind(VmBelongings.class).in(Scopes.SINGLETON);
        bind(VmEnd.class).in(Scopes.SINGLETON);
        bind(Settlement.class).in(Scopes.SINGLETON);
        bind(Recovery.class).in(Scopes.SINGLETON);
        bind(VmStop.class).in(Scopes.SINGLETON);
    }
}
