package labeler.lifecycle.start;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;
import labeler.guard.emulator.DomainGuard;

/** Starts, with or without a guard. */
public final class StartModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(LaunchWatch.class).in(Scopes.SINGLETON);
        bind(LaunchFiles.class).in(Scopes.SINGLETON);
        bind(LaunchHandover.class).in(Scopes.SINGLETON);
        bind(VmStart.class).in(Scopes.SINGLETON);
        bind(StartPlans.class).in(Scopes.SINGLETON);
        bind(StartSteps.class).in(Scopes.SINGLETON);
        bind(GuardAttach.class).in(Scopes.SINGLETON);
        bind(GuardedStart.class).in(Scopes.SINGLETON);
        bind(TakenOver.class).in(Scopes.SINGLETON);
        bind(DomainGuard.class).to(GuardedDomains.class).in(Scopes.SINGLETON);
    }
}
