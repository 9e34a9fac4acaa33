package labeler.config;

/** All settings of the service. */
public record Config(ServiceConfig service, McsConfig mcs, LabelConfig label, ImageConfig image, LaunchConfig launch) {
    /** What holds where nobody says otherwise. */
    public static final Config DEFAULT = new Config(
            ServiceConfig.DEFAULT, McsConfig.DEFAULT, LabelConfig.DEFAULT, ImageConfig.DEFAULT, LaunchConfig.DEFAULT);

    /** These settings with what the command line says in the place of what the file says. */
    public Config with(Overrides overrides) {
        ServiceConfig overridden = new ServiceConfig(
                overrides.socket().orElse(service.socket()),
                service.group(),
                overrides.stateDirectory().orElse(service.stateDirectory()),
                overrides.runDirectory().orElse(service.runDirectory()),
                service.threads(),
                service.peerTypes());
        return new Config(
                overridden,
                mcs,
                new LabelConfig(
                        label.contextsDirectory(),
                        overrides.enforcement().orElse(label.enforcement()),
                        label.unlabelled()),
                image,
                launch);
    }
}
