package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Provides;
import com.google.inject.Scopes;
import com.google.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import labeler.api.Definitions;
import labeler.api.ParsedDefinitions;
import labeler.config.LabelConfig;
import labeler.config.ServiceConfig;
import labeler.fileset.HostFileUses;
import labeler.fileset.KernelFileUses;
import labeler.fileset.ServicePlaces;
import labeler.fileset.device.DeviceTree;
import labeler.guard.record.AuditLog;
import labeler.guard.record.FileAuditLog;
import labeler.guard.record.LogSize;
import labeler.journal.Journal;
import labeler.journal.SqliteJournal;
import labeler.launch.RuntimeDirectories;
import labeler.launch.RuntimeLabels;
import labeler.leftover.Leftovers;
import labeler.leftover.LibvirtFiles;
import labeler.leftover.LibvirtStates;
import labeler.libvirt.DefinedLevels;
import labeler.libvirt.LibvirtDirectories;
import labeler.linux.AuditGroup;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.listen.DescriptorStore;
import labeler.listen.OwnProcess;
import labeler.mcs.ProcessContexts;
import labeler.qmp.Monitors;
import labeler.qmp.UnixMonitors;
import labeler.selinux.AccessDecisions;
import labeler.selinux.PolicyContexts;
import labeler.selinux.SelinuxHost;
import labeler.selinux.Selinuxfs;
import labeler.selinux.VirtualContexts;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Binds this host for the service: SELinux and its policy, the journal, libvirt, systemd, and the service itself. */
final class HostModule extends AbstractModule {
    private static final Logger LOG = LoggerFactory.getLogger(HostModule.class);
    /** This process. */
    static final Pid OWN = new Pid(Math.toIntExact(ProcessHandle.current().pid()));

    private final Linux linux;
    private final Optional<Path> home;
    private final ServicePlaces places;
    private final ServiceManager manager;

    /**
     * The module.
     *
     * @param home the program's directory; empty if unknown
     * @param places this service's own files
     * @param manager the service manager that started this process, if any
     */
    HostModule(Linux linux, Optional<Path> home, ServicePlaces places, ServiceManager manager) {
        this.linux = linux;
        this.home = home;
        this.places = places;
        this.manager = manager;
    }

    @Override
    protected void configure() {
        bind(AuditGroup.class).toInstance(JnaLinux.audit());
        bind(AuditLog.class).to(FileAuditLog.class);
        bind(Definitions.class).toInstance(new ParsedDefinitions(LibvirtDirectories.SYSTEM));
        bind(LibvirtFiles.class).toInstance(LibvirtFiles.SYSTEM);
        bind(LibvirtStates.class).in(Scopes.SINGLETON);
        bind(SelinuxHost.class).toInstance(SelinuxHost.SYSTEM);
        bind(AccessDecisions.class).toInstance(new Selinuxfs(SelinuxHost.SYSTEM.selinuxfs()));
        bind(ProcessContexts.class).toInstance(new ProcessContexts(linux.processes(), SelinuxHost.SYSTEM.isActive()));
        bind(DefinedLevels.class).toInstance(new DefinedLevels(DefinedLevels.DIRECTORY, LOG::warn));
        bind(DeviceTree.class).toInstance(DeviceTree.OF_HOST);
        bind(HostFileUses.class).toInstance(new KernelFileUses(linux.open(), linux.fileSystems()));
        bind(RuntimeDirectories.Labelling.class).toInstance(new RuntimeLabels(linux.open(), linux.attributes()));
        bind(ServicePlaces.class).toInstance(places);
        bind(DescriptorStore.class).toInstance(DescriptorStore.of(System.getenv(), OWN, linux.sockets()));
        bind(ServiceManager.class).toInstance(manager);
    }

    @Provides
    @Singleton
    OwnProcess own(Processes processes) throws IOException {
        return new OwnProcess(processes.identify(OWN));
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
    Monitors monitors(UnixSockets sockets, ProcessContexts contexts) throws IOException {
        return new UnixMonitors(sockets, contexts.of(OWN), UnixMonitors.PATIENCE);
    }

    @Provides
    @Singleton
    Leftovers leftovers(VirtualContexts virtual, SelinuxHost selinux, ProcessContexts contexts) throws IOException {
        return new Leftovers(
                virtual,
                new Selinuxfs(selinux.selinuxfs()),
                contexts.of(OWN),
                LibvirtFiles.SYSTEM,
                LibvirtDirectories.SYSTEM);
    }

    @Provides
    @Singleton
    FileAuditLog audit(ServiceConfig config) {
        return new FileAuditLog(config.stateDirectory(), LogSize.DEFAULT, InstantSource.system());
    }

    @Provides
    @Singleton
    Journal journal(ServiceConfig config) throws IOException {
        return SqliteJournal.open(config.stateDirectory());
    }
}
