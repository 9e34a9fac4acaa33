package labeler.lifecycle;

import com.google.inject.Binder;
import com.google.inject.Injector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import labeler.chain.testing.Qcow2Builder;
import labeler.config.ClusterConfig;
import labeler.config.Config;
import labeler.config.GuardConfig;
import labeler.config.ImageConfig;
import labeler.config.LabelConfig;
import labeler.config.LaunchConfig;
import labeler.config.LibvirtConfig;
import labeler.config.McsConfig;
import labeler.config.Overrides;
import labeler.config.SettingsModule;
import labeler.fileset.HostFileUses;
import labeler.fileset.NoService;
import labeler.fileset.ServicePlaces;
import labeler.fileset.device.DeviceTree;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditLog;
import labeler.journal.Journal;
import labeler.journal.JournalException;
import labeler.journal.SqliteJournal;
import labeler.launch.Handovers;
import labeler.launch.LandlockPolicy;
import labeler.launch.RuntimeDirectories;
import labeler.leftover.Leftovers;
import labeler.leftover.LibvirtFiles;
import labeler.libvirt.DefinedLevels;
import labeler.libvirt.LibvirtDirectories;
import labeler.lifecycle.follow.FollowedFiles;
import labeler.lifecycle.hold.Ledger;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.live.KernelModule;
import labeler.lifecycle.live.LifecycleModule;
import labeler.lifecycle.live.Lifetime;
import labeler.linux.FileUser;
import labeler.linux.ForwardingOpen;
import labeler.linux.HostPath;
import labeler.linux.OpenOutcome;
import labeler.linux.OpenRequest;
import labeler.linux.SafeOpen;
import labeler.linux.fake.FakeLinux;
import labeler.linux.fake.Faults;
import labeler.linux.jna.JnaLinux;
import labeler.listen.DescriptorStore;
import labeler.listen.PeerRules;
import labeler.mcs.CategoryRange;
import labeler.mcs.ProcessContexts;
import labeler.qmp.Monitors;
import labeler.selinux.AccessDecisions;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;
import labeler.vm.VmName;
import labeler.wiring.StrictInjector;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;

/** A host for tests: a kernel in memory, a journal on disk, and a service that can be killed and started again. */
final class TestHost implements AutoCloseable {
    static final String IMAGE_TYPE = "system_u:object_r:svirt_image_t:";
    static final String CONTENT = "system_u:object_r:virt_content_t:s0";

    /** Where libvirt keeps the states of running domains. */
    static final String RUNNING = "/run/libvirt/qemu";

    static final String SHARED = "system_u:object_r:svirt_image_t:s0";
    static final String HOME = "system_u:object_r:user_home_t:s0";

    final FakeLinux kernel = new FakeLinux();
    final Handovers handovers = new Handovers();
    final FakeQemu qemu = new FakeQemu();
    final FakePolicy policy = new FakePolicy();
    final BesideHosts beside = new BesideHosts();
    final List<String> runtimeLevels = new ArrayList<>();

    /** Definitions of libvirt's that could not be read. */
    final List<String> warnings = new CopyOnWriteArrayList<>();

    /** What went to the audit log. */
    final List<AuditEntry> events = new CopyOnWriteArrayList<>();

    private final Path state;
    private final CategoryRange range;
    private SecurityContext content = context(CONTENT);
    private LabelConfig.Unlabelled unlabelled = LabelConfig.DEFAULT.unlabelled();
    private Optional<FileUser> squashed = Optional.empty();
    private WaitLimits limits = WaitLimits.DEFAULT;
    private LaunchConfig launch = LaunchConfig.DEFAULT;
    private VmLifecycle lifecycle;
    private FollowedFiles followed;
    private Lifetime lifetime;
    private CutJournal journal;
    private Ledger ledger;
    private FileSystemWork work;

    TestHost(Path state) throws IOException {
        this(state, CategoryRange.DEFAULT);
    }

    TestHost(Path state, CategoryRange range) throws IOException {
        this.state = state;
        this.range = range;
        open(Enforcement.OPTIONAL);
    }

    /** From the next start of the service on, SELinux enforces, and the service demands confinement of each VM. */
    void enforce() throws IOException {
        setEnforcing(true);
        lifetime.close();
        open(Enforcement.REQUIRED);
    }

    void setEnforcing(boolean enforcing) throws IOException {
        Files.writeString(
                Files.createDirectories(state.resolve("selinuxfs")).resolve("enforce"), enforcing ? "1" : "0");
    }

    /** From the next start of the service on, the policy has another type for files that VMs only read. */
    void renameContent(String context) throws IOException {
        content = context(context);
        restart();
    }

    /** From the next start of the service on, the settings have Landlock switched off. */
    void switchLandlockOff() throws IOException {
        launch = new LaunchConfig(LandlockPolicy.Mode.OFF, launch.systemFiles(), launch.devices(), launch.squashed());
        lifetime.close();
        open(Enforcement.REQUIRED);
    }

    /** From the next start of the service on nobody waits long for a file system. */
    void beImpatient() throws IOException {
        limits = new WaitLimits(Duration.ofMillis(20), Duration.ofSeconds(2), WaitLimits.DEFAULT.workers());
        restart();
    }

    /** A host with a labelled base and two overlays of it without labels, /vm/a and /vm/b. */
    static TestHost withOverlays(Path state) throws IOException {
        TestHost host = new TestHost(state);
        host.raw("/vm/base");
        host.kernel.setLabel("/vm/base", HOME);
        host.overlay("/vm/a", "base", "raw");
        host.overlay("/vm/b", "base", "raw");
        return host;
    }

    /** Starts the service's own modules on a test's stand-in for the host. */
    private void open(Enforcement enforcement) throws IOException {
        journal = new CutJournal(SqliteJournal.open(state));
        Overrides places = new Overrides(Optional.empty(), Optional.empty(), Optional.of(state), Optional.empty());
        Config settings = new Config(
                Config.DEFAULT.with(places).service(),
                new McsConfig(range),
                new LabelConfig(Optional.empty(), enforcement, unlabelled, 2_000_000),
                ImageConfig.DEFAULT,
                launch,
                GuardConfig.DEFAULT,
                LibvirtConfig.DEFAULT,
                ClusterConfig.DEFAULT);
        Injector injector = StrictInjector.of(
                new SettingsModule(settings),
                new KernelModule(kernel.linux().opening(withRealDirectories()), limits, squashed),
                new LifecycleModule(),
                this::bindHost);
        lifetime = injector.getInstance(Lifetime.class);
        lifecycle = injector.getInstance(VmLifecycle.class);
        followed = injector.getInstance(FollowedFiles.class);
        ledger = injector.getInstance(Ledger.class);
        work = injector.getInstance(FileSystemWork.class);
        lifetime.begin();
        lifecycle.awaitRecovery();
    }

    /** The service's own directories are on disk. */
    private SafeOpen withRealDirectories() {
        SafeOpen real = JnaLinux.create().open();
        return new ForwardingOpen(kernel.linux().open()) {
            @Override
            public OpenOutcome find(HostPath path, OpenRequest request) {
                return path.isBelow(HostPath.of(state)) ? real.find(path, request) : super.find(path, request);
            }
        };
    }

    private void bindHost(Binder binder) {
        VirtualContexts virtual = new VirtualContexts(
                context("system_u:system_r:svirt_t:s0"), Optional.empty(), context(SHARED), content);
        binder.bind(Journal.class).toInstance(journal);
        binder.bind(OtherHosts.class).toInstance(beside.hosts());
        binder.bind(DescriptorStore.class)
                .toInstance(DescriptorStore.none(kernel.linux().sockets()));
        binder.bind(AuditLog.class).toInstance(events::add);
        binder.bind(SelinuxHost.class)
                .toInstance(new SelinuxHost(state.resolve("selinuxfs"), state.resolve("no-configuration")));
        binder.bind(VirtualContexts.class).toInstance(virtual);
        binder.bind(ProcessContexts.class)
                .toInstance(new ProcessContexts(kernel.linux().processes(), true));
        binder.bind(AccessDecisions.class).toInstance(policy);
        binder.bind(Leftovers.class)
                .toInstance(new Leftovers(
                        virtual,
                        policy,
                        Optional.empty(),
                        new LibvirtFiles(state.resolve("defined"), Path.of(RUNNING)),
                        new LibvirtDirectories(state.resolve("libvirt"))));
        binder.bind(DeviceTree.class).toInstance(new DeviceTree(sysfs(), HostPath.of("/dev")));
        binder.bind(DefinedLevels.class).toInstance(new DefinedLevels(state.resolve("defined"), warnings::add));
        binder.bind(HostFileUses.class).toInstance(() -> _ -> Optional.empty());
        binder.bind(ServicePlaces.class).toInstance(NoService.PLACES);
        binder.bind(RuntimeDirectories.Labelling.class).toInstance((_, image) -> runtimeLevels.add(image.level()));
        binder.bind(Handovers.class).toInstance(handovers);
        binder.bind(Monitors.class).toInstance(qemu);
        binder.bind(PeerRules.class).toInstance(new PeerRules(0, OptionalInt.empty(), List.of()));
    }

    /** The XML of a storage pool that is active. */
    void pool(String name, String xml) throws IOException {
        Path pools = Files.createDirectories(state.resolve("libvirt/run/libvirt/storage"));
        Files.writeString(pools.resolve(name + ".xml"), xml);
    }

    /** The state of a running domain, as libvirt keeps it. */
    void running(String domain, String xml) {
        kernel.file(RUNNING + "/" + domain + ".xml", xml.getBytes(StandardCharsets.UTF_8));
    }

    /** Where libvirt has its definitions. */
    Path defined() {
        return state.resolve("defined");
    }

    /** Where this host has its sysfs. */
    Path sysfs() {
        return state.resolve("sys");
    }

    static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    VmLifecycle lifecycle() {
        return lifecycle;
    }

    FollowedFiles followed() {
        return followed;
    }

    CutJournal journal() {
        return journal;
    }

    /** What the service has in memory, and who is at work on it. */
    Ledger ledger() {
        return ledger;
    }

    /** What the service does on file systems. */
    FileSystemWork work() {
        return work;
    }

    /** From the service's next start on, libvirt's domains may have files that carry no label. */
    void leaveUnlabelled() throws IOException {
        unlabelled = LabelConfig.Unlabelled.LEAVE;
        restart();
    }

    /** From its next start on, the service opens files that root is denied as this user. */
    void openSquashedAs(FileUser user) throws IOException {
        squashed = Optional.of(user);
        restart();
    }

    /** The service is killed and starts again. Its memory is lost. */
    void restart() throws IOException {
        restart(_ -> {});
    }

    /** As {@link #restart()}, into a kernel with these faults. */
    void restart(Consumer<Faults> faults) throws IOException {
        lifetime.close();
        kernel.killed();
        faults.accept(kernel.faults());
        open(Enforcement.OPTIONAL);
    }

    /** The power fails, and comes back. */
    void reboot(FakeLinux.Unsynced unsynced) throws IOException {
        lifetime.close();
        kernel.powerOn(unsynced);
        open(Enforcement.OPTIONAL);
    }

    void raw(String path) {
        kernel.file(path, new byte[512]);
    }

    void overlay(String path, String backing, String format) {
        kernel.file(path, Qcow2Builder.overlay(backing, format).build());
    }

    String label(String path) {
        return kernel.label(path).orElse("none");
    }

    TestVm vm(String name) {
        return new TestVm(name, request -> lifecycle.start(request));
    }

    int recordedFiles() {
        try {
            return journal.load().files().size();
        } catch (JournalException e) {
            throw new AssertionError(e);
        }
    }

    VmReport stop(String name) {
        return lifecycle.stop(new VmName(name), Optional.empty()).orElseThrow();
    }

    @Override
    public void close() throws IOException {
        lifetime.close();
    }
}
