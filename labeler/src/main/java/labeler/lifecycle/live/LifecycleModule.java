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
import labeler.guard.emulator.DomainGuard;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.judge.CommandTables;
import labeler.guard.judge.LiveJudges;
import labeler.guard.place.ClientRules;
import labeler.guard.place.GuardedVms;
import labeler.guard.place.RealMonitors;
import labeler.guard.relay.Judges;
import labeler.guard.relay.Relays;
import labeler.journal.Journal;
import labeler.journal.KnownImages;
import labeler.launch.LocalCopies;
import labeler.launch.RuntimeDirectories;
import labeler.leftover.HostsBeside;
import labeler.leftover.LeftoverRepair;
import labeler.leftover.Leftovers;
import labeler.leftover.Scan;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.acquisition.FileAcquisition;
import labeler.lifecycle.acquisition.HeldImages;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.acquisition.MissingOutputs;
import labeler.lifecycle.acquisition.Originals;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.confinement.LandlockReach;
import labeler.lifecycle.disk.DiskAttach;
import labeler.lifecycle.disk.DiskFiles;
import labeler.lifecycle.disk.DiskHotplug;
import labeler.lifecycle.disk.MonitorAccess;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.hold.AccessMatrixQuery;
import labeler.lifecycle.hold.BootTime;
import labeler.lifecycle.hold.Claims;
import labeler.lifecycle.hold.FilesOfOthers;
import labeler.lifecycle.hold.HeldVms;
import labeler.lifecycle.hold.Holdings;
import labeler.lifecycle.hold.HostLock;
import labeler.lifecycle.hold.LabelVerification;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.NotFollowed;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.hold.TreeRecords;
import labeler.lifecycle.hold.VmProcesses;
import labeler.lifecycle.hold.VmViews;
import labeler.lifecycle.plan.DescriptorHandover;
import labeler.lifecycle.plan.PlanningModule;
import labeler.lifecycle.release.Departures;
import labeler.lifecycle.release.HoldSettlement;
import labeler.lifecycle.release.Release;
import labeler.lifecycle.release.Reversions;
import labeler.lifecycle.start.GuardAttach;
import labeler.lifecycle.start.GuardedDomains;
import labeler.lifecycle.start.GuardedStart;
import labeler.lifecycle.start.LaunchFiles;
import labeler.lifecycle.start.LaunchHandover;
import labeler.lifecycle.start.LaunchWatch;
import labeler.lifecycle.start.StartPlans;
import labeler.lifecycle.start.StartSteps;
import labeler.lifecycle.start.TakenOver;
import labeler.lifecycle.start.VmStart;
import labeler.lifecycle.stop.LibvirtCleanup;
import labeler.lifecycle.stop.Recovery;
import labeler.lifecycle.stop.ReversionRetry;
import labeler.lifecycle.stop.VmBelongings;
import labeler.lifecycle.stop.VmEnd;
import labeler.lifecycle.stop.VmStop;
import labeler.linux.Linux;
import labeler.linux.UnixSockets;
import labeler.listen.PeerRules;
import labeler.mcs.ProcessContexts;
import labeler.review.KnownReferences;
import labeler.review.ReviewThreads;
import labeler.tree.Trees;

/**
 * The lifecycle and the planning. Needs the settings and the kernel ({@link KernelModule}), and of the host: a
 * {@code Journal}, {@code Monitors}, {@code Leftovers}, {@code AccessDecisions}, {@code Handovers},
 * {@code RuntimeDirectories.Labelling}, {@code PeerRules}, {@code OtherHosts}, and all that {@link PlanningModule} asks for.
 */
public final class LifecycleModule extends AbstractModule {
    @Override
    protected void configure() {
        install(new PlanningModule());
        bind(KnownImages.class).to(Journal.class);
        bind(KnownReferences.class).in(Scopes.SINGLETON);
        bind(ReviewThreads.class).in(Scopes.SINGLETON);
        bind(PlanApplier.class).in(Scopes.SINGLETON);
        bind(LocalCopies.class).in(Scopes.SINGLETON);

        bind(DescriptorHandover.class).in(Scopes.SINGLETON);
        bind(KernelCheck.class).in(Scopes.SINGLETON);
        bind(LandlockReach.class).in(Scopes.SINGLETON);
        bind(Confinement.class).in(Scopes.SINGLETON);

        bind(HostLock.class).in(Scopes.SINGLETON);
        bind(Holdings.class).in(Scopes.SINGLETON);
        bind(Claims.class).in(Scopes.SINGLETON);
        bind(Ledger.class).in(Scopes.SINGLETON);
        bind(VmProcesses.class).in(Scopes.SINGLETON);
        bind(BootTime.class).in(Scopes.SINGLETON);
        bind(VmViews.class).in(Scopes.SINGLETON);
        bind(NotFollowed.class).toInstance(new NotFollowed());
        bind(Originals.class).in(Scopes.SINGLETON);
        bind(FileAcquisition.Factory.class).in(Scopes.SINGLETON);
        bind(MissingOutputs.class).in(Scopes.SINGLETON);
        bind(JoiningFiles.class).in(Scopes.SINGLETON);
        bind(HoldSettlement.class).in(Scopes.SINGLETON);
        bind(Departures.class).in(Scopes.SINGLETON);
        bind(FilesOfOthers.class).in(Scopes.SINGLETON);
        bind(HeldImages.class).in(Scopes.SINGLETON);
        bind(Reversions.class).in(Scopes.SINGLETON);
        bind(Release.class).in(Scopes.SINGLETON);
        bind(LabelVerification.class).in(Scopes.SINGLETON);
        bind(AccessMatrixQuery.class).in(Scopes.SINGLETON);
        bind(HeldVms.class).in(Scopes.SINGLETON);

        bind(LibvirtCleanup.class).in(Scopes.SINGLETON);
        bind(VmBelongings.class).in(Scopes.SINGLETON);
        bind(VmEnd.class).in(Scopes.SINGLETON);
        bind(ReversionRetry.class).in(Scopes.SINGLETON);
        bind(Recovery.class).in(Scopes.SINGLETON);
        bind(VmStop.class).in(Scopes.SINGLETON);

        bind(LaunchWatch.class).in(Scopes.SINGLETON);
        bind(LaunchFiles.class).in(Scopes.SINGLETON);
        bind(LaunchHandover.class).in(Scopes.SINGLETON);
        bind(VmStart.class).in(Scopes.SINGLETON);
        bind(StartPlans.class).in(Scopes.SINGLETON);
        bind(StartSteps.class).in(Scopes.SINGLETON);
        bind(GuardAttach.class).in(Scopes.SINGLETON);
        bind(GuardedStart.class).in(Scopes.SINGLETON);
        bind(TakenOver.class).in(Scopes.SINGLETON);

        bind(CommandTables.class).in(Scopes.SINGLETON);
        bind(LiveJudges.class).in(Scopes.SINGLETON);
        bind(Judges.class).to(LiveJudges.class);
        bind(RealMonitors.class).in(Scopes.SINGLETON);
        bind(ClientRules.class).in(Scopes.SINGLETON);
        bind(GuardedVms.class).in(Scopes.SINGLETON);
        bind(DomainLabels.class).in(Scopes.SINGLETON);
        bind(GuardedDomains.class).in(Scopes.SINGLETON);
        bind(DomainGuard.class).to(GuardedDomains.class);

        bind(FollowedFiles.class).in(Scopes.SINGLETON);

        bind(MonitorAccess.class).in(Scopes.SINGLETON);
        bind(DiskFiles.class).in(Scopes.SINGLETON);
        bind(DiskAttach.class).in(Scopes.SINGLETON);
        bind(DiskHotplug.class).in(Scopes.SINGLETON);

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
    Trees trees(ServiceConfig config, LabelConfig labels, Linux linux, Holdings holdings) {
        return new Trees(
                config.stateDirectory().resolve("trees"),
                linux.attributes(),
                linux.entries(),
                new TreeRecords(holdings),
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
            FilesOfOthers others) {
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
