package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Stage;
import java.util.ArrayList;
import java.util.List;
import labeler.api.Definitions;
import labeler.api.ParsedDefinitions;
import labeler.config.Config;
import labeler.linux.Linux;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.selinux.SelinuxHost;

/** All modules of the service, in one list. */
final class LabelerdModules {
    private LabelerdModules() {}

    /** What the service is made of, but for its server. The lifecycle's module has its place here. */
    static List<Module> of(Config config) {
        return List.of(new KernelModule());
    }

    /** An injector that makes nothing by itself and finds every lack at once. */
    static Injector injector(Config config, PeerRules rules, Limits limits, List<Module> modules) {
        List<Module> all = new ArrayList<>();
        all.add(new StrictModule());
        all.add(new ServerModule(config, rules, limits));
        all.addAll(modules);
        return Guice.createInjector(Stage.PRODUCTION, all);
    }

    /** This machine, and the readers of definitions. */
    private static final class KernelModule extends AbstractModule {
        @Override
        protected void configure() {
            Linux linux = JnaLinux.create();
            bind(Linux.class).toInstance(linux);
            bind(UnixSockets.class).toInstance(linux.sockets());
            bind(SelinuxHost.class).toInstance(SelinuxHost.SYSTEM);
            bind(Definitions.class).toInstance(new ParsedDefinitions());
        }
    }

    /** Turns off what Guice does by guessing. */
    private static final class StrictModule extends AbstractModule {
        @Override
        protected void configure() {
            Binder binder = binder();
            binder.requireExplicitBindings();
            binder.requireExactBindingAnnotations();
            binder.requireAtInjectOnConstructors();
            binder.disableCircularProxies();
        }
    }
}
