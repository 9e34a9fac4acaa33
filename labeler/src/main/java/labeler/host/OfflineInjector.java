package labeler.host;

import com.google.inject.Injector;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import labeler.config.ClusterConfig;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.config.GuardConfig;
import labeler.config.LabelConfig;
import labeler.config.LaunchConfig;
import labeler.config.LibvirtConfig;
import labeler.config.McsConfig;
import labeler.config.SettingsModule;
import labeler.fileset.HostFileUses;
import labeler.fileset.KernelFileUses;
import labeler.fileset.ServicePlaces;
import labeler.fileset.device.DeviceTree;
import labeler.libvirt.DefinedLevels;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.plan.PlanningModule;
import labeler.lifecycle.start.OfflinePlan;
import labeler.linux.Exec;
import labeler.linux.Linux;
import labeler.mcs.ProcessContexts;
import labeler.selinux.AccessDecisions;
import labeler.selinux.PolicyContexts;
import labeler.selinux.SelinuxHost;
import labeler.selinux.Selinuxfs;
import labeler.selinux.VirtualContexts;
import labeler.wiring.StrictInjector;

/** The service's own modules, for a plan without the service. A class of its own: no other command loads Guice. */
final class OfflineInjector {
    private OfflineInjector() {}

    /**
     * An injector with an {@link OfflinePlan}.
     *
     * @param settings the service's settings: files that no VM may have, files that headers may name
     * @throws IOException if this host has no policy to take contexts from
     */
    static Injector of(Linux linux, Config settings) throws IOException {
        SelinuxHost selinux = SelinuxHost.SYSTEM;
        Optional<Path> home =
                Optional.ofNullable(System.getProperty("labeler.home")).map(Path::of);
        VirtualContexts contexts = new PolicyContexts(
                        selinux, Optional.empty(), home.map(directory -> directory.resolve("share/contexts")))
                .load()
                .contexts();
        Config config = new Config(
                settings.service(),
                McsConfig.DEFAULT,
                LabelConfig.DEFAULT,
                settings.image(),
                LaunchConfig.DEFAULT,
                GuardConfig.DEFAULT,
                LibvirtConfig.DEFAULT,
                ClusterConfig.DEFAULT);
        return StrictInjector.of(new SettingsModule(config), new PlanningModule(), binder -> {
            binder.bind(Linux.class).toInstance(linux);
            binder.bind(SelinuxHost.class).toInstance(selinux);
            binder.bind(VirtualContexts.class).toInstance(contexts);
            binder.bind(ProcessContexts.class)
                    .toInstance(new ProcessContexts(
                            linux.processes(), selinux.isActive(), ProcessContexts.Hidden.PASSED_OVER));
            binder.bind(ServicePlaces.class).toInstance(config.service().own(home, ConfigReader.DEFAULT_FILE));
            // Only root may read the definitions. Who plans without the service is told that others are not known.
            binder.bind(DefinedLevels.class).toInstance(new DefinedLevels(DefinedLevels.DIRECTORY, _ -> {}));
            binder.bind(DeviceTree.class).toInstance(DeviceTree.OF_HOST);
            binder.bind(HostFileUses.class).toInstance(new KernelFileUses(linux.open(), linux.fileSystems()));
            binder.bind(Exec.class).toInstance(linux.exec());
            binder.bind(AccessDecisions.class).toInstance(new Selinuxfs(selinux.selinuxfs()));
            binder.bind(KernelCheck.class);
            binder.bind(Confinement.class);
            binder.bind(OfflinePlan.class);
        });
    }
}
