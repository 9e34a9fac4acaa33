package labeler.config;

/** All settings of the service. */
public record Config(
        ServiceConfig service,
        McsConfig mcs,
        LabelConfig label,
        ImageConfig image,
        LaunchConfig launch,
        GuardConfig guard,
        LibvirtConfig libvirt,
        ClusterConfig cluster) {
    /** The default settings. */
    public static final Config DEFAULT = new Config(
            ServiceConfig.DEFAULT,
            McsConfig.DEFAULT,
            LabelConfig.DEFAULT,
            ImageConfig.DEFAULT,
            LaunchConfig.DEFAULT,
            GuardConfig.DEFAULT,
            LibvirtConfig.DEFAULT,
            ClusterConfig.DEFAULT);

    /** These settings, with another cluster. */
    Config with(ClusterConfig other) {
        return new Config(service, mcs, label, image, launch, guard, libvirt, other);
    }

    /** These settings, with those of the command line in place of the file's. */
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
                        label.unlabelled(),
                        label.treeFiles()),
                image,
                launch,
                guard,
                libvirt,
                cluster);
    }
}
