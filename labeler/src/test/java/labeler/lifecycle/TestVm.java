package labeler.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import labeler.chain.Access;
import labeler.chain.FileName;
import labeler.chain.ImageFormat;
import labeler.chain.ImageRequest;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.problem.Problem;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.LabelWishes;
import labeler.vm.Origin;
import labeler.vm.StartedBy;
import labeler.vm.UseAccess;
import labeler.vm.VmDefinition;
import labeler.vm.VmName;
import labeler.vm.qemu.option.QemuCommandLine;

/** Builds a VM's definition use by use, and starts it. */
final class TestVm {
    private final String name;
    private final Function<StartRequest, StartOutcome> starting;
    private final List<DeclaredUse> uses = new ArrayList<>();
    private Optional<Level> level = Optional.empty();
    private Optional<Pid> pid = Optional.empty();
    private Optional<QemuCommandLine> commandLine = Optional.empty();
    private Optional<SecurityContext> context = Optional.empty();
    private int uid;
    private StartRequest.Launch launch = StartRequest.Launch.ELSEWHERE;
    private StartedBy starter = StartedBy.LAUNCHER;
    private boolean isStatic;
    private final List<LabelWishes.Kept> kept = new ArrayList<>();
    private final List<LabelWishes.Chosen> chosen = new ArrayList<>();

    TestVm(String name, Function<StartRequest, StartOutcome> starting) {
        this.name = name;
        this.starting = starting;
    }

    TestVm disk(String path, ImageFormat format) {
        return image(path, format, Access.READ_WRITE, false);
    }

    TestVm readOnlyDisk(String path, ImageFormat format) {
        return image(path, format, Access.READ_ONLY, false);
    }

    TestVm shareableDisk(String path, ImageFormat format) {
        return image(path, format, Access.READ_WRITE, true);
    }

    TestVm readerOfShareable(String path, ImageFormat format) {
        return image(path, format, Access.READ_ONLY, true);
    }

    private TestVm image(String path, ImageFormat format, Access access, boolean shareable) {
        uses.add(new DeclaredUse.ImageUse(
                new Origin("disk[" + uses.size() + "]"),
                FileRole.DISK,
                ImageRequest.followingHeaders(
                        FileName.of(path),
                        new ImageRequest.Declared(format),
                        access,
                        new ImageRequest.ProcessDirectory(FileName.of("/"))),
                shareable));
        return this;
    }

    /** The last file keeps its label, as libvirt's {@code <seclabel relabel='no'/>} says. */
    TestVm keepingItsLabel() {
        kept.add(new LabelWishes.Kept(uses.getLast().origin(), new LabelWishes.AllLayers(), "it stays"));
        return this;
    }

    /** The last file is to have this label. */
    TestVm choosing(String label) {
        chosen.add(new LabelWishes.Chosen(
                uses.getLast().origin(),
                new LabelWishes.AllLayers(),
                SecurityContext.parse(label).orElseThrow()));
        return this;
    }

    TestVm file(String path, FileRole role, UseAccess access) {
        uses.add(new DeclaredUse.FileUse(new Origin("file[" + uses.size() + "]"), role, HostPath.of(path), access));
        return this;
    }

    /** A raw disk of a command line, which can be handed over. */
    TestVm handedOver(String path) {
        return qemu("-drive", "format=raw,file=" + path);
    }

    /** A definition from a whole command line. */
    TestVm qemu(String... options) {
        return qemuIn("/", options);
    }

    /** The same, started in a directory. */
    TestVm qemuIn(String directory, String... options) {
        commandLine = Optional.of(QemuCommandLine.read(
                Stream.concat(Stream.of("qemu-system-x86_64"), Stream.of(options))
                        .map(word -> word.getBytes(StandardCharsets.UTF_8))
                        .toList(),
                HostPath.of(directory)));
        uses.addAll(commandLine.get().definition().uses());
        return this;
    }

    TestVm level(String text) {
        level = Level.parse(text);
        return this;
    }

    TestVm pid(int number) {
        pid = Optional.of(new Pid(number));
        return this;
    }

    TestVm by(int user) {
        uid = user;
        return this;
    }

    TestVm run() {
        launch = StartRequest.Launch.RUN;
        return this;
    }

    TestVm context(String text) {
        context = SecurityContext.parse(text);
        return this;
    }

    /** As libvirt's hook announces a domain with this static label. */
    TestVm ofLibvirt(String staticLabel) {
        starter = StartedBy.LIBVIRT;
        isStatic = true;
        return context(staticLabel);
    }

    TestVm by(StartedBy who) {
        starter = who;
        return this;
    }

    StartRequest request() {
        StartRequest request = new StartRequest(
                new VmName(name),
                new VmDefinition(
                        uses,
                        List.of(),
                        context,
                        VmDefinition.Acceleration.HARDWARE,
                        List.of(),
                        new LabelWishes(Optional.empty(), kept, chosen, false, isStatic)),
                commandLine,
                level,
                pid,
                new StartRequest.Owner(uid, uid),
                launch);
        // Its hook has ended: no process at the level is a helper of the domain's.
        return starter.isLibvirt() ? request.by(starter, new StartRequest.Hook(Optional.empty(), false)) : request;
    }

    StartOutcome tryStart() {
        return starting.apply(request());
    }

    VmView start() {
        return switch (tryStart()) {
            case StartOutcome.Started(VmView vm) -> vm;
            case StartOutcome.NotStarted(List<Problem> problems) ->
                throw new AssertionError("not started: " + problems);
        };
    }

    List<Problem> refusal() {
        return switch (tryStart()) {
            case StartOutcome.Started(VmView vm) -> throw new AssertionError("started: " + vm);
            case StartOutcome.NotStarted(List<Problem> problems) -> problems;
        };
    }

    /** It does not start, for exactly these reasons. */
    void isRefused(Problem.Kind... kinds) {
        assertThat(refusal()).extracting(Problem::kind).containsExactly(kinds);
    }

    /** It does not start, for one reason, in whose message all this stands. */
    void isRefusedWith(String... words) {
        assertThat(refusal())
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).contains(words));
    }

    /** The same, for a reason of this kind. */
    void isRefusedWith(Problem.Kind kind, String... words) {
        assertThat(refusal()).singleElement().satisfies(problem -> {
            assertThat(problem.kind()).isEqualTo(kind);
            assertThat(problem.message()).contains(words);
        });
    }
}
