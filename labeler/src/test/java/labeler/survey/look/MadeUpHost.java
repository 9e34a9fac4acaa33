package labeler.survey.look;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.adoption.DefinedDomains;
import labeler.chain.ChainLimits;
import labeler.chain.ChainWalker;
import labeler.fileset.FileSetBuilder;
import labeler.fileset.HeaderRules;
import labeler.fileset.LinuxImageOpener;
import labeler.fileset.ServiceFiles;
import labeler.fileset.ServicePlaces;
import labeler.fileset.SystemFiles;
import labeler.linux.DeviceNumber;
import labeler.linux.FileIdentity;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.fake.FakeLinux;
import labeler.policy.Programs;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;
import labeler.survey.Flaw;
import labeler.survey.FlawKind;
import labeler.survey.Judgement;
import labeler.survey.Survey;
import labeler.survey.SurveyRequest;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;
import org.junit.jupiter.api.AfterEach;

/** A host that is made up: files and labels of the fake kernel, processes of a directory. Its survey changes nothing. */
abstract class MadeUpHost {
    static final WaitLimits SHORT = new WaitLimits(Duration.ofMillis(20), Duration.ofSeconds(2), 2);
    static final SecurityContext IMAGE = context("svirt_image_t");

    final FakeLinux kernel = new FakeLinux();
    final FileSystemWork work = new FileSystemWork(kernel.linux().fileSystems(), SHORT);
    final Linux linux = work.noting(ReadingLinux.of(kernel.linux()));
    final Path directory;
    /** Empty for a user who may not ask libvirt. */
    Optional<Programs> virsh = Optional.empty();

    SurveyRequest request = new SurveyRequest(List.of(), Optional.of(List.of()), "");

    MadeUpHost(Path directory) {
        this.directory = directory;
        kernel.directory("/vm");
    }

    @AfterEach
    void nothingChangedAndNothingIsOpen() {
        work.close();
        assertThat(kernel.faults().changes()).isZero();
        assertThat(kernel.openDescriptors()).isZero();
    }

    static SecurityContext context(String type) {
        return SecurityContext.parse("system_u:object_r:" + type + ":s0").orElseThrow();
    }

    void selinux(boolean isEnforcing, String... booleans) throws IOException {
        Path selinuxfs = Files.createDirectories(directory.resolve("selinuxfs/booleans"));
        Files.writeString(directory.resolve("selinuxfs/enforce"), isEnforcing ? "1" : "0");
        for (String name : booleans) {
            Files.writeString(selinuxfs.resolve(name), "1 1");
        }
    }

    void process(int pid, String context, String... argv) throws IOException {
        kernel.processes().start(pid, context);
        Path process = Files.createDirectories(directory.resolve("proc/" + pid));
        Files.writeString(process.resolve("cmdline"), String.join("\0", argv) + "\0");
        Files.writeString(process.resolve("status"), "Name:\tqemu\nUid:\t107\t107\t107\t107\n");
        Files.createSymbolicLink(process.resolve("exe"), Path.of("/usr/bin/" + argv[0] + " (deleted)"));
        Files.createSymbolicLink(process.resolve("cwd"), Path.of("/vm"));
        Files.createSymbolicLink(process.resolve("root"), Path.of("/"));
    }

    /** What the process has open, as procfs shows it of a file system whose server may be gone. */
    void open(int pid, String file, boolean written) throws IOException {
        FileIdentity identity = kernel.linux().open().number(HostPath.of(file)).orElseThrow();
        Path process = directory.resolve("proc/" + pid);
        Files.createSymbolicLink(
                Files.createDirectories(process.resolve("fd")).resolve("9"), Path.of(written ? file : "/else"));
        Files.writeString(
                Files.createDirectories(process.resolve("fdinfo")).resolve("9"),
                "pos:\t0\nflags:\t0" + (written ? "2" : "0") + "\nmnt_id:\t36\nino:\t" + identity.inode() + "\n");
        Files.writeString(
                process.resolve("mountinfo"),
                "36 35 " + DeviceNumber.major(identity.device()) + ":" + DeviceNumber.minor(identity.device())
                        + " / /vm rw - nfs server:/vm rw\n");
    }

    Survey survey(String... directories) {
        HostSources sources = new HostSources(
                work,
                linux,
                new FileSetBuilder(
                        linux.open(),
                        new ChainWalker<>(new LinuxImageOpener(linux.open()), ChainLimits.DEFAULT),
                        SystemFiles.DEFAULT,
                        new ServiceFiles(
                                linux.open(),
                                linux.entries(),
                                new ServicePlaces(List.of(), List.of(), List.of(), HostPath.of("/run/labeler/vms"))),
                        new HeaderRules(linux.open(), Optional.empty(), () -> _ -> Optional.empty())),
                new SelinuxHost(directory.resolve("selinuxfs"), directory.resolve("etc")),
                new VirtualContexts(context("svirt_t"), Optional.empty(), IMAGE, context("virt_content_t")),
                virsh.map(DefinedDomains::new),
                directory.resolve("proc"));
        return Judgement.of(new HostLook(sources, _ -> {})
                .look(request, List.of(directories).stream().map(HostPath::of).toList()));
    }

    static List<FlawKind> kinds(Survey survey) {
        return survey.findings().stream().map(Flaw::kind).toList();
    }

    static Flaw flaw(Survey survey, FlawKind kind) {
        return survey.findings().stream()
                .filter(flaw -> flaw.kind() == kind)
                .findFirst()
                .orElseThrow(() -> new AssertionError(survey.toString()));
    }
}
