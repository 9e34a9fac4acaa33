package labeler.wiring;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes injectors that guess nothing, and find every missing binding at once. */
public final class StrictInjector {
    private StrictInjector() {}

    /** An injector of these modules. They must bind every class. All bound objects are made at once. */
    public static Injector of(Module... modules) {
        List<Module> all = new ArrayList<>(Arrays.asList(modules));
        all.add(binder -> {
            binder.requireExplicitBindings();
            binder.requireExactBindingAnnotations();
            binder.requireAtInjectOnConstructors();
            binder.disableCircularProxies();
        });
        return Guice.createInjector(Stage.PRODUCTION, all);
    }
}
