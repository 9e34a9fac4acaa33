package labeler.lifecycle.plan;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.security.SecureRandom;
import labeler.apply.Labels;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.config.ImageConfig;
import labeler.config.LabelConfig;
import labeler.config.LaunchConfig;
import labeler.config.McsConfig;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.HeaderRules;
import labeler.fileset.HostFileUses;
import labeler.fileset.LinuxImageOpener;
import labeler.fileset.OtherNames;
import labeler.fileset.ServiceFiles;
import labeler.fileset.ServicePlaces;
import labeler.fileset.SystemFiles;
import labeler.fileset.device.DeviceTree;
import labeler.linux.Linux;
import labeler.mcs.FreePairs;
import labeler.plan.Planner;
import labeler.selinux.SelinuxHost;

/**
 * Everything for planning. Needs the settings, and of the host: a {@code Linux}, {@code SelinuxHost},
 * {@code VirtualContexts}, {@code ProcessContexts}, {@code ServicePlaces}, {@code DeviceTree}, {@code HostFileUses}
 * and {@code DefinedLevels}.
 */
public final class PlanningModule extends AbstractModule {
    @Override
    protected void configure() {
        bind(Planner.class).toInstance(new Planner());
        bind(PlanMaker.class).in(Scopes.SINGLETON);
    }

    @Provides
    @Singleton
    FileSetBuilder fileSets(
            Linux linux,
            LaunchConfig launch,
            ImageConfig images,
            LabelConfig labels,
            ServicePlaces places,
            DeviceTree devices,
            HostFileUses uses) {
        return new FileSetBuilder(
                linux.open(),
                new ChainWalker<>(new LinuxImageOpener(linux.open()), ChainLimits.DEFAULT),
                new SystemFiles(launch.devices(), devices, labels.treeFiles() > 0, OtherNames.on(linux)),
                new ServiceFiles(linux.open(), linux.entries(), places),
                new HeaderRules(linux.open(), images.roots(), uses));
    }

    @Provides
    @Singleton
    FreePairs pairs(McsConfig config) {
        return new FreePairs(config.range(), new SecureRandom());
    }

    @Provides
    @Singleton
    Labels labels(Linux linux, SelinuxHost selinux) {
        return new Labels(linux.attributes(), linux.fileSystems(), selinux.isActive());
    }
}
