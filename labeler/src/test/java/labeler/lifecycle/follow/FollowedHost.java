package labeler.lifecycle.follow;

import com.google.inject.Binder;
import com.google.inject.Injector;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
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
import labeler.fileset.device.DevicesOnDisk;
import labeler.guard.record.AuditLog;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.journal.Journal;
import labeler.journal.SqliteJournal;
import labeler.journal.VmRecord;
import labeler.launch.Handovers;
import labeler.launch.RuntimeDirectories;
import labeler.leftover.Leftovers;
import labeler.leftover.LibvirtFiles;
import labeler.libvirt.DefinedLevels;
import labeler.lifecycle.BesideHosts;
import labeler.lifecycle.CutJournal;
import labeler.lifecycle.Enforcement;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmView;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.live.KernelModule;
import labeler.lifecycle.live.LifecycleModule;
import labeler.lifecycle.live.Lifetime;
import labeler.lifecycle.release.Departures;
import labeler.lifecycle.stop.VmStop;
import labeler.linux.AttributeName;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;
import labeler.listen.DescriptorStore;
import labeler.listen.PeerRules;
import labeler.mcs.ProcessContexts;
import labeler.problem.Problem;
import labeler.qmp.Monitors;
import labeler.qmp.UnixMonitors;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.Selinuxfs;
import labeler.selinux.StoredLabel;
import labeler.selinux.VirtualContexts;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.libvirt.LibvirtHost;
import labeler.wiring.StrictInjector;
import labeler.work.WaitLimits;

/** The service's lifecycle on this machine's own files and attributes. SELinux is not active in it. */
public final class FollowedHost implements AutoCloseable {
    public static final String CONTENT = "system_u:object_r:virt_content_t:s0";
    public static final String HOME = "system_u:object_r:user_home_t:s0";
    static final String IMAGE_TYPE = "system_u:object_r:svirt_image_t:";
    static final StartRequest.Owner OWNER = new StartRequest.Owner(1234, 2345);

    private final Linux linux;
    private final Path state;
    private final Path images;
    private final DevicesOnDisk devices;
    private Lifetime lifetime;
    private VmLifecycle lifecycle;
    private FollowedFiles files;
    private CutJournal journal;
    private Departures departures;
    private VmStop stop;
    private final WaitLimits limits;
    private final BesideHosts beside = new BesideHosts();

    /** The service on real files below a directory. */
    public FollowedHost(Path root) throws IOException {
        this(root, JnaLinux.create(), WaitLimits.DEFAULT);
    }

    /** The same, on a kernel that may be slow. */
    public FollowedHost(Path root, Linux linux, WaitLimits limits) throws IOException {
        this(root, Files.createDirectories(root.resolve("images")), linux, limits);
    }

    /** On another kernel. */
    FollowedHost(Path root, Path images, Linux linux) throws IOException {
        this(root, images, linux, WaitLimits.DEFAULT);
    }

    private FollowedHost(Path root, Path images, Linux linux, WaitLimits limits) throws IOException {
        this.linux = linux;
        this.limits = limits;
        this.state = root.resolve("state");
        this.images = images;
        this.devices = new DevicesOnDisk(root.resolve("sys"), images.resolve("dev"));
        open();
    }

    BesideHosts beside() {
        return beside;
    }

    private void open() throws IOException {
        journal = new CutJournal(SqliteJournal.open(state));
        Overrides places = new Overrides(Optional.empty(), Optional.of(state), Optional.of(state), Optional.empty());
        Config settings = new Config(
                Config.DEFAULT.with(places).service(),
                McsConfig.DEFAULT,
                new LabelConfig(Optional.empty(), Enforcement.OPTIONAL, LabelConfig.DEFAULT.unlabelled(), 1000),
                ImageConfig.DEFAULT,
                LaunchConfig.DEFAULT,
                GuardConfig.DEFAULT,
                LibvirtConfig.DEFAULT,
                ClusterConfig.DEFAULT);
        Injector injector = StrictInjector.of(
                new SettingsModule(settings),
                new KernelModule(linux, limits, Optional.empty()),
                new LifecycleModule(),
                this::bindHost);
        lifetime = injector.getInstance(Lifetime.class);
        lifecycle = injector.getInstance(VmLifecycle.class);
        files = injector.getInstance(FollowedFiles.class);
        departures = injector.getInstance(Departures.class);
        stop = injector.getInstance(VmStop.class);
        lifetime.begin();
        lifecycle.awaitRecovery();
    }

    private void bindHost(Binder binder) {
        VirtualContexts virtual = new VirtualContexts(
                context("system_u:system_r:svirt_t:s0"),
                Optional.empty(),
                context("system_u:object_r:svirt_image_t:s0"),
                context(CONTENT));
        Selinuxfs policy = new Selinuxfs(state.resolve("selinuxfs"));
        binder.bind(Journal.class).toInstance(journal);
        binder.bind(OtherHosts.class).toInstance(beside.hosts());
        binder.bind(DescriptorStore.class).toInstance(DescriptorStore.none(linux.sockets()));
        binder.bind(AuditLog.class).toInstance(AuditLog.NOWHERE);
        binder.bind(SelinuxHost.class)
                .toInstance(new SelinuxHost(state.resolve("selinuxfs"), state.resolve("no-configuration")));
        binder.bind(VirtualContexts.class).toInstance(virtual);
        binder.bind(ProcessContexts.class).toInstance(new ProcessContexts(linux.processes(), false));
        binder.bind(labeler.selinux.AccessDecisions.class).toInstance(policy);
        binder.bind(Leftovers.class)
                .toInstance(new Leftovers(
                        virtual,
                        policy,
                        Optional.empty(),
                        new LibvirtFiles(state.resolve("defined"), state.resolve("running")),
                        LibvirtHost.UNKNOWN));
        binder.bind(DeviceTree.class).toInstance(devices.tree());
        binder.bind(DefinedLevels.class).toInstance(new DefinedLevels(state.resolve("defined"), _ -> {}));
        binder.bind(HostFileUses.class).toInstance(() -> _ -> Optional.empty());
        binder.bind(ServicePlaces.class).toInstance(NoService.PLACES);
        binder.bind(RuntimeDirectories.Labelling.class).toInstance((_, _) -> {});
        binder.bind(PeerRules.class).toInstance(new PeerRules(0, OptionalInt.empty(), List.of()));
        binder.bind(Handovers.class).toInstance(new Handovers());
        binder.bind(PeerRules.class).toInstance(new PeerRules(0, OptionalInt.empty(), List.of()));
        binder.bind(Monitors.class)
                .toInstance(new UnixMonitors(linux.sockets(), Optional.empty(), UnixMonitors.PATIENCE));
    }

    private static SecurityContext context(String text) {
        return SecurityContext.parse(text).orElseThrow();
    }

    /** Its sysfs and its /dev, which has the name {@code dev}. */
    public DevicesOnDisk devices() {
        return devices;
    }

    public FollowedFiles files() {
        return files;
    }

    public VmLifecycle lifecycle() {
        return lifecycle;
    }

    public Departures departures() {
        return departures;
    }

    public VmStop stop() {
        return stop;
    }

    public Linux linux() {
        return linux;
    }

    /** The directory with its journal. */
    public Path state() {
        return state;
    }

    /** Its journal. */
    public CutJournal journal() {
        return journal;
    }

    /** The service is killed and starts again. Its memory is lost. */
    public void restart() throws IOException {
        lifetime.close();
        open();
    }

    public Path path(String name) {
        return images.resolve(name);
    }

    public HostPath hostPath(String name) {
        return HostPath.of(path(name));
    }

    /** A raw image with a label of its own. */
    void raw(String name) throws IOException {
        Files.write(path(name), new byte[512]);
        setLabel(name, HOME);
    }

    /** A qcow2 image without a label. */
    void overlay(String name, String backing, String format) throws IOException {
        Files.write(path(name), Qcow2Builder.overlay(backing, format).build());
    }

    public void setLabel(String name, String label) throws IOException {
        try (OpenedFile file = opened(name)) {
            linux.attributes()
                    .set(
                            file,
                            AttributeName.SECURITY_SELINUX,
                            StoredLabel.of(context(label)).bytes());
        }
    }

    /** By getxattr(2); {@code none} if there is none. */
    public String label(String name) {
        try (OpenedFile file = opened(name)) {
            return linux.attributes()
                    .get(file, AttributeName.SECURITY_SELINUX)
                    .map(StoredLabel::of)
                    .map(StoredLabel::printable)
                    .orElse("none");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private OpenedFile opened(String name) {
        if (linux.open().find(hostPath(name), OpenRequest.NAMED_OBJECT) instanceof OpenedFile file) {
            return file;
        }
        throw new AssertionError(name + " cannot be found");
    }

    DeclaredUse raw(String name, Access access) {
        return image(name, ImageFormat.RAW, access);
    }

    public DeclaredUse image(String name, ImageFormat format, Access access) {
        return new DeclaredUse.ImageUse(
                new Origin("use of " + name),
                FileRole.DISK,
                ImageRequest.followingHeaders(
                        FileName.of(path(name).toString()),
                        new ImageRequest.Declared(format),
                        access,
                        new ImageRequest.ProcessDirectory(FileName.of("/"))),
                false);
    }

    DeclaredUse created(String name) {
        return new DeclaredUse.FileUse(
                new Origin("making of " + name), FileRole.DISK, hostPath(name), UseAccess.CREATE);
    }

    static VmDefinition definition(DeclaredUse... uses) {
        return new VmDefinition(
                Arrays.asList(uses), List.of(), Optional.empty(), VmDefinition.Acceleration.HARDWARE, List.of());
    }

    StartOutcome tryStart(String name, DeclaredUse... uses) {
        return lifecycle.start(new StartRequest(
                new VmName(name),
                definition(uses),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StartRequest.Owner(0, 0),
                StartRequest.Launch.ELSEWHERE));
    }

    /** Starts a VM; answers its image context. */
    public String start(String name, DeclaredUse... uses) {
        return started(tryStart(name, uses));
    }

    /** The same, of any request; answers its image context. */
    public String start(StartRequest request) {
        return started(lifecycle.start(request));
    }

    private static String started(StartOutcome outcome) {
        return switch (outcome) {
            case StartOutcome.Started(VmView vm) -> vm.imageContext().toString();
            case StartOutcome.NotStarted(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    static WantedFiles wanted(HoldTrigger trigger, DeclaredUse... uses) {
        return new WantedFiles(
                trigger,
                definition(uses),
                0,
                OWNER,
                WantedFiles.Check.NONE,
                (_, _) -> new JoiningFiles.Rewritten(List.of()));
    }

    TakeOutcome tryTake(String vm, HoldTrigger trigger, DeclaredUse... uses) {
        return files.take(files.run(new VmName(vm)), wanted(trigger, uses));
    }

    JoinedFiles take(String vm, HoldTrigger trigger, DeclaredUse... uses) {
        return switch (tryTake(vm, trigger, uses)) {
            case TakeOutcome.Taken(JoinedFiles taken) -> taken;
            case TakeOutcome.Unfit() -> throw new AssertionError("unfit");
            case TakeOutcome.Refused(List<Problem> problems) -> throw new AssertionError(problems);
        };
    }

    List<Problem> refusal(String vm, HoldTrigger trigger, DeclaredUse... uses) {
        return switch (tryTake(vm, trigger, uses)) {
            case TakeOutcome.Taken taken -> throw new AssertionError(taken);
            case TakeOutcome.Unfit() -> throw new AssertionError("unfit");
            case TakeOutcome.Refused(List<Problem> problems) -> problems;
        };
    }

    VmReport settle(String vm, UnaryOperator<List<FileHold>> now) {
        return files.settle(files.run(new VmName(vm)), now);
    }

    /** Ends the holds with this trigger. */
    VmReport end(String vm, HoldTrigger trigger) {
        return settle(
                vm,
                holds -> holds.stream()
                        .filter(hold -> !hold.trigger().equals(trigger))
                        .toList());
    }

    public List<FileHold> holds(String vm) {
        return files.vm(new VmName(vm)).map(VmRecord::files).orElse(List.of());
    }

    @Override
    public void close() throws IOException {
        lifetime.close();
    }
}
