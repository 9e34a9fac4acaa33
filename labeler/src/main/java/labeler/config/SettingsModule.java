package labeler.config;

import com.google.inject.AbstractModule;
import labeler.launch.LandlockPolicy;

/** Binds the settings of each feature. */
public final class SettingsModule extends AbstractModule {
    private final Config config;

    public SettingsModule(Config config) {
        this.config = config;
    }

    @Override
    protected void configure() {
        bind(ServiceConfig.class).toInstance(config.service());
        bind(McsConfig.class).toInstance(config.mcs());
        bind(LabelConfig.class).toInstance(config.label());
        bind(ImageConfig.class).toInstance(config.image());
        bind(LaunchConfig.class).toInstance(config.launch());
        bind(GuardConfig.class).toInstance(config.guard());
        bind(LibvirtConfig.class).toInstance(config.libvirt());
        bind(ClusterConfig.class).toInstance(config.cluster());
        bind(LandlockPolicy.class).toInstance(config.launch().policy());
    }
}
