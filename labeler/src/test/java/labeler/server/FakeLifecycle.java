package labeler.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import labeler.chain.ImageFormat;
import labeler.fileset.External;
import labeler.fileset.FileUse;
import labeler.leftover.Leftover;
import labeler.leftover.ScanOutcome;
import labeler.leftover.ScanRequest;
import labeler.lifecycle.ArrivalOutcome;
import labeler.lifecycle.AttachOutcome;
import labeler.lifecycle.AttachRequest;
import labeler.lifecycle.DetachOutcome;
import labeler.lifecycle.DetachRequest;
import labeler.lifecycle.FileReport;
import labeler.lifecycle.FileReport.Outcome;
import labeler.lifecycle.FileView;
import labeler.lifecycle.GuardOutcome;
import labeler.lifecycle.GuardRequest;
import labeler.lifecycle.GuardState;
import labeler.lifecycle.Matrix;
import labeler.lifecycle.MatrixOutcome;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.RecoveryReport;
import labeler.lifecycle.StartOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.StopOutcome;
import labeler.lifecycle.StopRequest;
import labeler.lifecycle.VmLifecycle;
import labeler.lifecycle.VmReport;
import labeler.lifecycle.VmState;
import labeler.lifecycle.VmView;
import labeler.lifecycle.Wall;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.review.TrustOutcome;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.selinux.StoredLabel;
import labeler.vm.FileRole;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;

/** A lifecycle that labels nothing. It remembers the requests, and answers by the VM's name. */
public class FakeLifecycle implements VmLifecycle {
    static final Level LEVEL = Level.parse("s0:c12,c345").orElseThrow();
    private static final SecurityContext PROCESS = new SecurityContext("system_u", "system_r", "svirt_t", "s0");
    static final SecurityContext IMAGE = new SecurityContext("system_u", "object_r", "svirt_image_t", "s0");

    /** A path that is not UTF-8. */
    static final HostPath LATIN = HostPath.of(new byte[] {'/', 'v', 'm', '/', (byte) 0xe4});

    private final TreeMap<String, VmView> held = new TreeMap<>();
    private final List<StartRequest> starts = new ArrayList<>();
    private final List<StartRequest> arrivals = new ArrayList<>();
    private final List<StartRequest> plans = new ArrayList<>();
    private final List<AttachRequest> attaches = new ArrayList<>();
    private final List<DetachRequest> detaches = new ArrayList<>();
    private boolean walls = true;
    private final List<Problem> warnings = new ArrayList<>();
    private int looks;
    private final CountDownLatch slowBegan = new CountDownLatch(1);
    private final CountDownLatch slowMayEnd = new CountDownLatch(1);

    public synchronized List<StartRequest> starts() {
        return List.copyOf(starts);
    }

    synchronized List<StartRequest> arrivals() {
        return List.copyOf(arrivals);
    }

    public synchronized List<StartRequest> plans() {
        return List.copyOf(plans);
    }

    synchronized List<AttachRequest> attaches() {
        return List.copyOf(attaches);
    }

    synchronized List<DetachRequest> detaches() {
        return List.copyOf(detaches);
    }

    /** The number of questions for what is held. */
    synchronized int looks() {
        return looks;
    }

    public synchronized void withoutWalls() {
        walls = false;
    }

    /** Adds a warning to each VM from now on. */
    public synchronized void warn(String message) {
        warnings.add(new Problem(Problem.Kind.KERNEL_DISAGREES, Optional.empty(), message));
    }

    @Override
    public synchronized PlanOutcome plan(StartRequest request) {
        plans.add(request);
        return request.name().value().equals("full")
                ? new PlanOutcome.NotPlanned(List.of(problem(Problem.Kind.NO_FREE_PAIR)))
                : new PlanOutcome.Planned(view(request, VmState.PLANNED));
    }

    @Override
    public synchronized ArrivalOutcome arrival(StartRequest request) {
        arrivals.add(request);
        return switch (request.name().value()) {
            case "conflict" -> new ArrivalOutcome.Refused(List.of(problem(Problem.Kind.LEVEL_IN_USE)));
            case "stranger" -> new ArrivalOutcome.Unknown();
            default -> new ArrivalOutcome.Comes("alpha", PROCESS.at(LEVEL));
        };
    }

    @Override
    public StartOutcome start(StartRequest request) {
        synchronized (this) {
            starts.add(request);
        }
        switch (request.name().value()) {
            case "fault" -> throw new IllegalStateException("a secret of the inside");
            case "unlinked" -> throw new NoClassDefFoundError("a secret of the inside");
            case "greedy" -> moreThanThereIs();
            case "slow" -> slow();
            case "conflict" -> {
                return new StartOutcome.NotStarted(List.of(problem(Problem.Kind.IN_USE)));
            }
            case "unwritable" -> {
                return new StartOutcome.NotStarted(List.of(problem(Problem.Kind.LABEL_NOT_SET)));
            }
            default -> {}
        }
        if (!request.definition().problems().isEmpty()) {
            return new StartOutcome.NotStarted(request.definition().problems());
        }
        synchronized (this) {
            VmView view = view(request, VmState.RUNNING);
            held.put(request.name().value(), view);
            return new StartOutcome.Started(view);
        }
    }

    /** Waits until a start of the VM named {@code slow} is in progress. It stays so until {@link #endSlowStart}. */
    void awaitSlowStart() throws InterruptedException {
        slowBegan.await();
    }

    void endSlowStart() {
        slowMayEnd.countDown();
    }

    private void slow() {
        slowBegan.countDown();
        try {
            slowMayEnd.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private VmView view(StartRequest request, VmState state) {
        Level level = request.level().orElse(LEVEL);
        return new VmView(
                request.name(),
                state,
                request.pid(),
                level,
                PROCESS.at(level),
                IMAGE.at(level),
                walls ? Set.of(Wall.SELINUX) : Set.of(),
                Optional.empty(),
                GuardState.OFF,
                Optional.empty(),
                List.of(
                        file(
                                HostPath.of("/vm/top.qcow2"),
                                level,
                                Optional.of(identityOf(request.name().value()))),
                        file(LATIN, level, Optional.empty()),
                        file(HostPath.of("/vm/evil\033[2J"), level, Optional.empty())),
                List.of(new External("nbd://host/disk", "nbd", FileRole.BACKING, "/vm/top.qcow2")),
                request.definition().problems(),
                warnings,
                List.of(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    /** The identity of a VM's disk. */
    public static FileIdentity identityOf(String vm) {
        return new FileIdentity(5, vm.hashCode(), Optional.empty());
    }

    private static FileView file(HostPath path, Level level, Optional<FileIdentity> identity) {
        return new FileView(
                path,
                Treatment.LABEL,
                Optional.of(IMAGE.at(level)),
                Optional.of(StoredLabel.of(new SecurityContext("system_u", "object_r", "virt_var_lib_t", "s0"))),
                "a writable disk",
                List.of(new FileUse(new Origin("-drive[0]"), FileRole.DISK, UseAccess.READ_WRITE)),
                Optional.empty(),
                identity,
                List.of(),
                Optional.empty(),
                List.of());
    }

    static Problem problem(Problem.Kind kind) {
        return new Problem(kind, Optional.of(HostPath.of("/vm/top.qcow2")), "the rule, and the way out");
    }

    @Override
    public TrustOutcome trust(HostPath image, Optional<ImageFormat> format, boolean dryRun) {
        return image.equals(HostPath.of("/vm/unsafe"))
                ? new TrustOutcome.NotTrusted(List.of(problem(Problem.Kind.NOT_FROM_HEADER)))
                : new TrustOutcome.Trusted(
                        List.of(new TrustOutcome.Image(image, format.orElse(ImageFormat.QCOW2), List.of())));
    }

    @Override
    public synchronized Optional<VmReport> stop(VmName name, Optional<VmDefinition> last) {
        return Optional.ofNullable(held.remove(name.value()))
                .map(vm -> report(vm.vm(), Outcome.REVERTED, Outcome.STILL_HELD, Outcome.CHANGED_BY_OTHERS));
    }

    @Override
    public synchronized Optional<StopOutcome> release(VmName name, VmDefinition last) {
        return starts.stream()
                        .anyMatch(it ->
                                it.name().equals(name) && it.asker().hook().isEmpty())
                ? Optional.of(new StopOutcome.NotStopped(problem(Problem.Kind.IN_USE)))
                : stop(name, Optional.of(last)).map(StopOutcome.Stopped::new);
    }

    /** Only the process of the VM named "alive" runs. */
    @Override
    public synchronized Optional<StopOutcome> stop(StopRequest request) {
        boolean isHindered = request.name().value().equals("alive")
                && request.running() == StopRequest.WhileRunning.REFUSE
                && held.containsKey("alive");
        return isHindered
                ? Optional.of(new StopOutcome.NotStopped(problem(Problem.Kind.STILL_RUNNING)))
                : stop(request.name(), Optional.empty()).map(StopOutcome.Stopped::new);
    }

    @Override
    public ScanOutcome scan(ScanRequest request, Consumer<Leftover> mended) {
        return FakeScan.scan(request, mended);
    }

    @Override
    public synchronized Optional<AttachOutcome> attach(AttachRequest request) {
        attaches.add(request);
        return status(request.name())
                .map(vm -> request.disk().name().equals("taken")
                        ? new AttachOutcome.NotAttached(List.of(problem(Problem.Kind.IN_USE)))
                        : new AttachOutcome.Attached(vm, request.disk().name()));
    }

    @Override
    public synchronized Optional<DetachOutcome> detach(DetachRequest request) {
        detaches.add(request);
        return status(request.name())
                .map(vm -> request.disk().equals("kept")
                        ? new DetachOutcome.NotDetached(List.of(problem(Problem.Kind.LABEL_NOT_SET)))
                        : new DetachOutcome.Detached(report(vm.vm(), Outcome.REVERTED, Outcome.STILL_HELD)));
    }

    @Override
    public Optional<GuardOutcome> guard(GuardRequest request) {
        return status(request.name()).map(GuardOutcome.Guarded::new);
    }

    @Override
    public synchronized Optional<VmView> status(VmName name) {
        return Optional.ofNullable(held.get(name.value()));
    }

    @Override
    public synchronized List<VmName> names() {
        return held.keySet().stream().map(VmName::new).toList();
    }

    @Override
    public synchronized Held held() {
        looks++;
        return new Held(
                held.size(),
                held.values().stream().mapToInt(vm -> vm.files().size()).sum());
    }

    @Override
    public synchronized Optional<VmReport> relabel(VmName name, boolean dryRun) {
        Outcome outcome =
                dryRun ? Outcome.WOULD_CHANGE : name.value().equals("immutable") ? Outcome.FAILED : Outcome.RELABELLED;
        return status(name).map(vm -> report(name, outcome));
    }

    /** The virtual machine has less memory than this, so it throws the error by itself. */
    private static void moreThanThereIs() {
        long[][] memory = new long[1 << 20][];
        for (int i = 0; i < memory.length; i++) {
            memory[i] = new long[Integer.MAX_VALUE - 8];
        }
    }

    /** The VM named "lengthy" is compared as slowly as that named "slow" starts. */
    @Override
    public Optional<VmReport> verify(VmName name) {
        if (name.value().equals("lengthy")) {
            slow();
        }
        Outcome outcome =
                Set.of("drifted", "immutable").contains(name.value()) ? Outcome.CHANGED_BY_OTHERS : Outcome.AS_EXPECTED;
        return status(name).map(vm -> report(name, outcome));
    }

    @Override
    public MatrixOutcome ownMatrix(VmName name) {
        return matrix(Optional.of(name));
    }

    @Override
    public MatrixOutcome matrix(Optional<VmName> name) {
        return new MatrixOutcome.Shown(new Matrix(
                List.of(new Matrix.Row(new VmName("web1"), PROCESS, Optional.empty())),
                List.of(
                        new Matrix.Column(
                                LATIN,
                                Optional.of(StoredLabel.of(IMAGE)),
                                List.of(new VmName("web1")),
                                List.of(),
                                Optional.empty()),
                        new Matrix.Column(
                                HostPath.of("/vm/<b>.qcow2"),
                                Optional.empty(),
                                List.of(new VmName("db1")),
                                List.of(),
                                Optional.empty())),
                List.of(List.of(Matrix.Reach.DESCRIPTOR, Matrix.Reach.READ_WRITE))));
    }

    @Override
    public RecoveryReport recover(boolean dryRun, boolean forgetLost) {
        return new RecoveryReport(
                List.of(report(new VmName("crashed"), dryRun ? Outcome.WOULD_CHANGE : Outcome.REVERTED)), List.of());
    }

    @Override
    public void replaceLostTables() {}

    private static VmReport report(VmName name, Outcome... outcomes) {
        List<FileReport> files = new ArrayList<>();
        for (Outcome outcome : outcomes) {
            files.add(new FileReport(HostPath.of("/vm/top.qcow2"), outcome, "as it is"));
        }
        return new VmReport(name, files, List.of(), Optional.empty());
    }

    @Override
    public boolean isRecovered() {
        return true;
    }

    @Override
    public void awaitRecovery() {}
}
