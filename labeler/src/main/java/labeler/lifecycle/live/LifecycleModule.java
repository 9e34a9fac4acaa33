package labeler.lifecycle.live;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.io.IOException;
import labeler.apply.Labels;
import labeler.apply.PlanApplier;
import labeler.apply.Reverter;
import labeler.config.LabelConfig;
import labeler.config.ServiceConfig;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.judge.CommandTables;
import labeler.guard.judge.LiveJudges;
import labeler.guard.place.PlaceModule;
import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.journal.Journal;
import labeler.journal.KnownImages;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.leftover.HostsBeside;
import labeler.leftover.LeftoverRepair;
import labeler.leftover.Leftovers;
import labeler.leftover.OtherFiles;
import labeler.leftover.Scan;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.acquisition.AcquisitionModule;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.confinement.LandlockReach;
import labeler.lifecycle.disk.DiskModule;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.hold.HoldModule;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanningModule;
import labeler.lifecycle.release.Departures;
import labeler.lifecycle.release.HoldSettlement;
import labeler.lifecycle.release.Release;
import labeler.lifecycle.release.Reversions;
import labeler.lifecycle.start.StartModule;
import labeler.lifecycle.stop.StopModule;
import labeler.linux.Linux;
import labeler.linux.UnixSockets;
import labeler.listen.PeerRules;
import labeler.mcs.ProcessContexts;
import labeler.review.KnownReferences;
import labeler.review.ReviewThreads;
import labeler.tree.Trees;

/**
 * The lifecycle and the planning. A room with classes that it alone needs has a module of its own, so that they are not
 * public; the rest is bound here. Needs the settings and the kernel ({@link KernelModule}), and of the host: a
 * {@code Journal}, {@code Monitors}, {@code Leftovers}, {@code AccessDecisions}, {@code Handovers},
 * {@code RuntimeDirectories.Labelling}, {@code PeerRules}, {@code OtherHosts}, and all that {@link PlanningModule} asks for.
 */
public final class LifecycleModule extends AbstractModule {
    @Override
    protected void configure() {
        install(new PlanningModule());
        install(new PlaceModule());
        install(new HoldModule());
        install(new AcquisitionModule());
        install(new StopModule());
        install(new StartModule());
        install(new DiskModule());

        bind(KnownImages.class).to(Journal.class);
        bind(KnownReferences.class).in(Scopes.SINGLETON);
        bind(ReviewThreads.class).in(Scopes.SINGLETON);
        bind(PlanApplier.class).in(Scopes.SINGLETON);
        bind(LocalCopies.class).in(Scopes.SINGLETON);

        bind(DescriptorHandover.class).in(Scopes.SINGLETON);
        bind(KernelCheck.class).in(Scopes.SINGLETON);
        bind(LandlockReach.class).in(Scopes.SINGLETON);
        bind(Confinement.class).in(Scopes.SINGLETON);

        bind(HoldSettlement.class).in(Scopes.SINGLETON);
        bind(Departures.class).in(Scopes.SINGLETON);
        bind(Reversions.class).in(Scopes.SINGLETON);
        bind(Release.class).in(Scopes.SINGLETON);
        bind(FollowedFiles.class).in(Scopes.SINGLETON);

        bind(CommandTables.class).in(Scopes.SINGLETON);
        bind(Judges.class).to(LiveJudges.class).in(Scopes.SINGLETON);
        bind(DomainLabels.class).in(Scopes.SINGLETON);

        bind(Lifetime.class).in(Scopes.SINGLETON);
        bind(LiveLifecycle.class).in(Scopes.SINGLETON);
        bind(VmLifecycle.class).to(LiveLifecycle.class);
    }

    @Provides
    @Singleton
    RuntimeDirectories runtime(ServiceConfig config, RuntimeDirectories.Labelling labelling, PeerRules rules) {
        return new RuntimeDirectories(config.runtimeDirectories(), labelling, rules.gid());
    }

    @Provides
    @Singleton
    Relays relays(UnixSockets sockets) throws IOException {
        return new Relays(sockets);
    }

    @Provides
    @Singleton
    Trees trees(ServiceConfig config, LabelConfig labels, Linux linux, Trees.OnRecord onRecord) {
        return new Trees(
                config.stateDirectory().resolve("trees"),
                linux.attributes(),
                linux.entries(),
                onRecord,
                labels.treeFiles());
    }

    @Provides
    @Singleton
    Reverter reverter(Linux linux, Labels labels, Trees trees, Holdings holdings, OtherHosts others) {
        return new Reverter(linux, labels, trees, holdings::isOnRecord, holdings.bootId(), OtherHosts.gate(others));
    }

    @Provides
    @Singleton
    LeftoverRepair aftermath(
            Leftovers leftovers,
            Linux linux,
            Labels labels,
            Reverter reverter,
            ProcessContexts processes,
            Holdings holdings,
            OtherFiles others) {
        return leftovers.aftermath(linux, labels, reverter, processes, holdings::pairs, others);
    }

    @Provides
    @Singleton
    Scan scan(
            Leftovers leftovers,
            Linux linux,
            Labels labels,
            ProcessContexts processes,
            Holdings holdings,
            OtherHosts others) {
        HostsBeside beside = others.isAlone() ? HostsBeside.unasked(linux.fileSystems()) : others::mayNeed;
        return leftovers.scan(linux, labels, processes, holdings::pairs, holdings, beside);
    }
}
