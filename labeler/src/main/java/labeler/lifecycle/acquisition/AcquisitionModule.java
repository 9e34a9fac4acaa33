package labeler.lifecycle.acquisition;

import com.google.inject.AbstractModule;
import com.google.inject.Scopes;

/** How files get into a hold. */
public final class AcquisitionModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(Originals.class).in(Scopes.SINGLETON);
        bind(FileAcquisition.Factory.class).in(Scopes.SINGLETON);
        bind(MissingOutputs.class).in(Scopes.SINGLETON);
        bind(JoiningFiles.class).in(Scopes.SINGLETON);
        bind(HeldImages.class).in(Scopes.SINGLETON);
    }
}
