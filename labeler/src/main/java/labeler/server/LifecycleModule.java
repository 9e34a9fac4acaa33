package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.api.ParsedDefinitions;
import labeler.apply.Labels;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.config.ImageConfig;
import labeler.config.LabelConfig;
import labeler.config.LaunchConfig;
import labeler.config.McsConfig;
import labeler.config.ServiceConfig;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.HeaderRules;
import labeler.fileset.KernelFileUses;
import labeler.fileset.LinuxImageOpener;
import labeler.fileset.LockKeepingOpen;
import labeler.fileset.ServiceFiles;
import labeler.fileset.SquashedOpen;
import labeler.fileset.SystemFiles;
import labeler.journal.Journal;
import labeler.journal.SqliteJournal;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.launch.RuntimeDirectories;
import labeler.launch.RuntimeLabels;
import labeler.leftover.Leftovers;
import labeler.leftover.LibvirtFiles;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.confinement.Confinement;
import labeler.lifecycle.confinement.KernelCheck;
import labeler.lifecycle.live.LiveLifecycle;
import labeler.lifecycle.plan.PlanMaker;
import labeler.linux.FileUser;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.listen.OwnProcess;
import labeler.mcs.PairAllocator;
import labeler.mcs.ProcessContexts;
import labeler.plan.Planner;
import labeler.qmp.UnixMonitors;
import labeler.selinux.PolicyContexts;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.Selinuxfs;
import labeler.selinux.VirtualContexts;
import labeler.work.FileSystemWork;
import labeler.work.Patience;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The lifecycle of VMs on this host's kernel, policy and journal. */
final class LifecycleModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(LifecycleModule.class);

    private final Optional<Path> home;
    private final Path settings;

    /**
     * The module.
     *
     * @param home where the program is installed; empty if it does not know
     * @param settings the file that the settings are from, be it there or not
     */
    LifecycleModule(Optional<Path> home, Path settings) {
        this.home = home;
        this.settings = settings;
    }

    @Override
    protected void configure() {
        bind(Definitions.class).toInstance(new ParsedDefinitions());
        bind(SelinuxHost.class).toInstance(SelinuxHost.SYSTEM);
        bind(ChainLimits.class).toInstance(ChainLimits.DEFAULT);
        bind(Planner.class).toInstance(new Planner());
    }

    @Provides
    @Singleton
    KernelAndWork kernel(ServiceConfig service, LaunchConfig launch) throws IOException {
        Linux real = JnaLinux.create();
        Linux linux = real.opening(new LockKeepingOpen(real.open(), service.locked()));
        FileSystemWork work = new FileSystemWork(linux.fileSystems(), Patience.DEFAULT);
        Linux noting = work.noting(linux);
        if (launch.squashed().isEmpty()) {
            return new KernelAndWork(noting, work);
        }
        Capabilities.requireToOpenAsAnother();
        FileUser user = Directories.owner(service, launch.squashed().get());
        return new KernelAndWork(noting.opening(new SquashedOpen(noting.open(), noting.users(), user)), work);
    }

    /** The kernel, as those see it who work on files. */
    record KernelAndWork(Linux linux, FileSystemWork work) {}

    @Provides
    @Singleton
    Linux linux(KernelAndWork kernel) {
        return kernel.linux();
    }

    @Provides
    @Singleton
    FileSystemWork work(KernelAndWork kernel) {
        return kernel.work();
    }

    @Provides
    @Singleton
    Processes processes(Linux linux) {
        return linux.processes();
    }

    @Provides
    @Singleton
    UnixSockets sockets(Linux linux) {
        return linux.sockets();
    }

    @Provides
    @Singleton
    OwnProcess own(Processes processes) throws IOException {
        return new OwnProcess(processes.identify(ownPid()));
    }

    @Provides
    @Singleton
    ServiceManager manager(UnixSockets sockets) {
        return ServiceManager.of(System.getenv(), ownPid(), sockets);
    }

    private static Pid ownPid() {
        return new Pid(Math.toIntExact(ProcessHandle.current().pid()));
    }

    @Provides
    @Singleton
    VirtualContexts contexts(SelinuxHost selinux, LabelConfig config) throws IOException {
        PolicyContexts.Loaded loaded = new PolicyContexts(
                        selinux, config.contextsDirectory(), home.map(directory -> directory.resolve("share/contexts")))
                .load();
        LOG.info("SELinux is {}; contexts for VMs are those of {}", selinux.mode(), loaded.directory());
        return loaded.contexts();
    }

    @Provides
    @Singleton
    FileSetBuilder fileSets(
            Linux linux, ChainLimits limits, LandlockPolicy landlock, ImageConfig images, ServiceConfig service) {
        return new FileSetBuilder(
                linux.open(),
                new ChainWalker<>(new LinuxImageOpener(linux.open()), limits),
                SystemFiles.DEFAULT.withDevices(landlock.devices()),
                new ServiceFiles(linux.open(), linux.entries(), service.own(home, settings)),
                new HeaderRules(linux.open(), images.roots(), new KernelFileUses(linux.open(), linux.fileSystems())));
    }

    @Provides
    @Singleton
    PlanMaker preparation(
            Linux linux,
            VirtualContexts contexts,
            McsConfig mcs,
            SelinuxHost selinux,
            Planner planner,
            LabelConfig labels) {
        return new PlanMaker(
                contexts,
                new PairAllocator(mcs.range(), new SecureRandom()),
                new ProcessContexts(linux.processes(), selinux.isActive()),
                new Labels(linux.attributes(), linux.fileSystems(), selinux.isActive()),
                planner,
                labels.domains());
    }

    @Provides
    @Singleton
    Journal journal(ServiceConfig config, Closing closing) throws IOException {
        SqliteJournal journal = SqliteJournal.open(config.stateDirectory());
        closing.add(journal);
        return journal;
    }

    @Provides
    @Singleton
    VmLifecycle lifecycle(
            Linux linux,
            Journal journal,
            FileSetBuilder fileSets,
            PlanMaker planMaker,
            SelinuxHost selinux,
            LabelConfig config,
            LandlockPolicy landlock,
            ServiceConfig service,
            Handovers handovers,
            VirtualContexts virtual,
            FileSystemWork work,
            Closing closing)
            throws IOException {
        // After the journal's lock, and before anything is removed from the directory.
        closing.add(Directories.lock(service));
        KernelCheck kernel = new KernelCheck(selinux, new Selinuxfs(selinux.selinuxfs()));
        ProcessContexts contexts = new ProcessContexts(linux.processes(), selinux.isActive());
        Optional<SecurityContext> own = contexts.of(ownPid());
        LiveLifecycle lifecycle = LiveLifecycle.open(
                linux,
                journal,
                fileSets,
                planMaker,
                new Confinement(selinux, config.enforcement(), landlock, linux.exec(), contexts, kernel),
                kernel,
                landlock,
                new RuntimeDirectories(
                        service.runtimeDirectories(), new RuntimeLabels(linux.open(), linux.attributes())),
                handovers,
                new UnixMonitors(linux.sockets(), own, UnixMonitors.PATIENCE),
                new Leftovers(virtual, new Selinuxfs(selinux.selinuxfs()), own, LibvirtFiles.SYSTEM),
                work);
        closing.add(lifecycle);
        return lifecycle;
    }
}
