package labeler.denial;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Denials as events. Needs an {@code AuditGroup}, the processes, SELinux, an {@code Explainer} and the audit log. */
public final class DenialModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(DenialTeller.class).in(Scopes.SINGLETON);
        bind(DenialWatch.class).in(Scopes.SINGLETON);
    }
}
