package labeler.wiring;

import com.google.inject.Guice;
import com.google.inject.Injector;
import com.google.inject.Module;
import com.google.inject.Stage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Makes injectors that guess nothing, and that find every lack at once. */
public final class StrictInjector {
    private StrictInjector() {}

    /** Each class is bound by one of these modules, or the injector is not made. All that is bound is made with it. */
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
