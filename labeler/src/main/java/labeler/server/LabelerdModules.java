package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Binder;
import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Stage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import labeler.config.Config;

/** All modules of the service, in one list. */
final class LabelerdModules {
    private LabelerdModules() {}

    /**
     * What the service is made of, but for its server.
     *
     * @param settings the file that it has its settings from
     */
    static List<Module> onThisHost(Path settings) {
        return List.of(new LifecycleModule(
                Optional.ofNullable(System.getProperty("labeler.home")).map(Path::of), settings));
    }

    /** An injector that makes nothing by itself and finds every lack at once. */
    static Injector injector(Config config, PeerRules rules, Limits limits, List<Module> modules) {
        List<Module> all = new ArrayList<>();
        all.add(new StrictModule());
        all.add(new ServerModule(config, rules, limits));
        all.addAll(modules);
        return Guice.createInjector(Stage.PRODUCTION, all);
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
