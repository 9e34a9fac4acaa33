package labeler.lifecycle.disk;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** Disks that join and leave. */
public final class DiskModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(MonitorAccess.class).in(Scopes.SINGLETON);
        bind(DiskFiles.class).in(Scopes.SINGLETON);
        bind(DiskAttach.class).in(Scopes.SINGLETON);
        bind(DiskHotplug.class).in(Scopes.SINGLETON);
    }
}
